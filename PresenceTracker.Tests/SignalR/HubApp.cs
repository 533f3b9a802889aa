using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.SignalR;

/// <summary>An application with the presence hub, the socket and the HTTP endpoints, on any free port.</summary>
internal sealed class HubApp : IAsyncDisposable
{
    public const int TopicsMax = 3;

    private readonly WebApplication _app;

    private HubApp(WebApplication app) => _app = app;

    public Tracker Tracker => _app.Services.GetRequiredService<Tracker>();

    public IServiceProvider Services => _app.Services;

    public Uri Url => new(_app.Urls.Single());

    public Uri Hub => new(Url, "/hubs/presence");

    /// <param name="hocon">Settings of the presence node.</param>
    /// <param name="first">A node to join.</param>
    /// <param name="url">Where it serves.</param>
    /// <param name="add">Adds to the services of the application, at their end.</param>
    /// <param name="configure">Sets options of the hub.</param>
    /// <param name="map">Maps hubs beside the presence hub.</param>
    public static async Task<HubApp> StartAsync(
        string hocon = "", HubApp? first = null, string url = "http://127.0.0.1:0", Action<IServiceCollection>? add = null,
        Action<WebApplication>? map = null, Action<PresenceHubOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        builder.Services.AddPresenceTracker(options =>
        {
            options.NodePort = 0;
            options.Hocon = "akka.loglevel = WARNING, akka.stdout-loglevel = WARNING\n" + hocon;
            if (first is not null)
            {
                options.Seeds.Add(first.Tracker.Self.Address);
            }
        });
        builder.Services.AddSignalR().AddPresence(options =>
        {
            options.TopicsMax = TopicsMax;
            configure?.Invoke(options);
        });
        builder.Services.AddPresenceApi();
        add?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapPresenceHub();
        app.MapPresenceSocket();
        app.MapPresenceApi();
        map?.Invoke(app);
        await app.StartAsync().InTime();
        var started = new HubApp(app);
        await started.Tracker.Ready.InTime();
        return started;
    }

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
