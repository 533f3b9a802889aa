using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PresenceTracker.Errors;

namespace PresenceTracker.Hosting;

/// <summary>
/// Ties the node to the host's life: it starts before the application serves, and leaves as soon as the application begins to stop, before any
/// connection is drained, so that others do not list for longer what is about to go. What the operator must know goes to the host's log.
/// </summary>
internal sealed class PresenceTrackerService(
    PresenceNode node, IHostApplicationLifetime lifetime, ILogger<PresenceTrackerService> logger) : IHostedService
{
    private Task _left = Task.CompletedTask;
    private Task _logged = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _logged = LogLifeAsync();
        lifetime.ApplicationStopping.Register(() => _left = node.Tracker.LeaveAsync(CancellationToken.None));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _left.WaitAsync(cancellationToken);
        await node.DisposeAsync();
        await _logged.WaitAsync(cancellationToken);
    }

    private async Task LogLifeAsync()
    {
        var tracker = node.Tracker;
        var address = tracker.Self.Address;
        logger.LogInformation(
            "The presence tracker starts at {Address} in the cluster {Cluster}, with the seeds [{Seeds}]",
            address, node.Settings.ClusterName, string.Join(", ", node.Settings.Seeds));
        try
        {
            await tracker.Ready;
            logger.LogInformation("The presence tracker at {Address} is ready, with {Others} other nodes", address, tracker.Nodes.Count - 1);
        }
        catch (TrackerStoppedException)
        {
            // Told below, as when it stops later.
        }

        var reason = await tracker.Stopped;
        if (tracker.HasFailed)
        {
            logger.LogError("The presence tracker at {Address} has stopped: {Reason}", address, reason);
        }
        else
        {
            logger.LogInformation("The presence tracker at {Address} has left its cluster", address);
        }
    }
}
