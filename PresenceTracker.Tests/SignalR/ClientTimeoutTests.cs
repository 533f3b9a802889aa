using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>What the log says of times with which clients would come and go.</summary>
public sealed class ClientTimeoutTests
{
    private readonly RecordingLoggerProvider _log = new("PresenceTracker.SignalR.Hubs");

    [Fact]
    public async Task A_short_time_out_and_a_long_interval_are_warned_of()
    {
        await StartAndStopAsync(hub => (hub.ClientTimeoutInterval, hub.KeepAliveInterval) = (TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(16)));

        var (level, timeout) = await _log.NextAsync();
        Assert.Equal(LogLevel.Warning, level);
        Assert.StartsWith("ClientTimeoutInterval is 29 s: ", timeout, StringComparison.Ordinal);
        Assert.StartsWith("KeepAliveInterval is 16 s: ", (await _log.NextAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_defaults_are_not()
    {
        await StartAndStopAsync(_ => { });

        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        loggers.CreateLogger("PresenceTracker.SignalR.Hubs.End").LogInformation("the end");
        Assert.Equal((LogLevel.Information, "the end"), await _log.NextAsync());
    }

    private async Task StartAndStopAsync(Action<HubOptions> configure)
    {
        await using var app = await HubApp.StartAsync(
            add: services => services.Configure(configure).AddSingleton<ILoggerProvider>(_log));
    }
}
