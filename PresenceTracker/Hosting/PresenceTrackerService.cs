using Microsoft.Extensions.Hosting;

namespace PresenceTracker.Hosting;

/// <summary>
/// Ties the node to the host's life: it starts before the application serves, and leaves as soon as the application begins to stop, before any
/// connection is drained, so that others do not list for longer what is about to go.
/// </summary>
internal sealed class PresenceTrackerService(PresenceNode node, IHostApplicationLifetime lifetime) : IHostedService
{
    private Task _left = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() => _left = node.Tracker.LeaveAsync(CancellationToken.None));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _left.WaitAsync(cancellationToken);
        await node.DisposeAsync();
    }
}
