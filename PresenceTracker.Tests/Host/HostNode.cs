using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PresenceTracker.Host;
using PresenceTracker.Tests.Surface;

using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>The whole Host within the test process, on free ports. Disposing it stops it as SIGTERM does.</summary>
internal sealed class HostNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HostNode(WebApplication app)
    {
        _app = app;
        Url = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Url, Timeout = Expect.Patience };
    }

    public Uri Url { get; }

    public HttpClient Http { get; }

    public Tracker Tracker => _app.Services.GetRequiredService<Tracker>();

    public ILoggerFactory Loggers => _app.Services.GetRequiredService<ILoggerFactory>();

    public PresenceNode Node => _app.Services.GetRequiredService<PresenceNode>();

    public static async Task<HostNode> StartAsync(params string[] arguments)
    {
        var node = await StartUnreadyAsync(arguments);
        await node.Tracker.Ready.InTime();
        return node;
    }

    /// <summary>Does not wait until it has caught up with its seeds.</summary>
    public static async Task<HostNode> StartUnreadyAsync(params string[] arguments)
    {
        var app = HostApplication.Build(["--urls", "http://127.0.0.1:0", "--node-port", "0", .. arguments]);
        await HostApplication.StartAsync(app);
        return new HostNode(app);
    }

    public static string PathOf(string topic, string rest) => $"/api/topics/{Uri.EscapeDataString(topic)}/{rest}";

    public static string PathOf(string topic, string key, string query) => PathOf(topic, $"presences/{Uri.EscapeDataString(key)}{query}");

    public async Task<JsonObject> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonObject>(path))!;

    /// <returns>The ref.</returns>
    public async Task<string> PutAsync(string topic, string key, string meta = "{}", string query = "?lease=1h")
    {
        using var response = await Http.PutAsync(PathOf(topic, key, query), new StringContent(meta));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (string)(await response.Content.ReadFromJsonAsync<JsonObject>())!["ref"]!;
    }

    public async Task<JsonObject> PostLinesAsync(string lines, string query = "?lease=1h")
    {
        using var response = await Http.PostAsync("/api/presences" + query, new ByteArrayContent(Encoding.UTF8.GetBytes(lines)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    public Task<EventReader> WatchAsync(string topic, string query = "") => EventReader.OpenAsync(Http, PathOf(topic, "events" + query));

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
