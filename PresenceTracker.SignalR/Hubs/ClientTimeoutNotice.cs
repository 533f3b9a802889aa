using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>
/// Warns at the start of times with which one late ping ends the connections of clients as they are built by default: their users would come and go.
/// </summary>
internal sealed partial class ClientTimeoutNotice(IOptions<HubOptions> options, ILogger<ClientTimeoutNotice> logger) : IHostedService
{
    // Of SignalR's clients: they ping each 15 s, and give a server up that is silent for 30 s.
    private static readonly TimeSpan ClientInterval = TimeSpan.FromSeconds(15);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ClientTimeoutInterval is { } timeout && timeout < 2 * ClientInterval)
        {
            ShortTimeout(timeout.TotalSeconds);
        }

        if (options.Value.KeepAliveInterval is { } interval && interval > ClientInterval)
        {
            LongInterval(interval.TotalSeconds);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        LogLevel.Warning,
        "ClientTimeoutInterval is {Seconds} s: clients must be built with a KeepAliveInterval of at most half of it, or they come and go; by default they ping each 15 s")]
    private partial void ShortTimeout(double seconds);

    [LoggerMessage(
        LogLevel.Warning,
        "KeepAliveInterval is {Seconds} s: clients must be built with a ServerTimeout of at least twice that, or they come and go; by default they wait for 30 s")]
    private partial void LongInterval(double seconds);
}
