using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.Handlers;

/// <summary>Tells the handlers of an application what happens, each by a queue of its own for each shard.</summary>
internal sealed class PresenceHandlerService(
    Tracker tracker, IEnumerable<IPresenceHandler> handlers, ILogger<PresenceHandlerService> logger) : IHostedService
{
    private readonly CancellationTokenSource _end = new();
    private Task _telling = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _telling = Task.WhenAll(handlers.Select(handler => TellAsync(handler)));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _end.CancelAsync();
        await _telling.WaitAsync(cancellationToken);
    }

    private async Task TellAsync(IPresenceHandler handler)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, tracker.Settings.ShardCount).Select(shard => TellAsync(handler, shard)));
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (TrackerStoppedException) when (!tracker.HasFailed)
        {
            // It was asked to, as at every stop of the host.
        }
        catch (TrackerStoppedException failed)
        {
            logger.LogWarning("{Handler} is told nothing more: {Reason}", handler.GetType().Name, failed.Message);
        }
    }

    /// <summary>Tells of the topics of one shard, through its crashes, for as long as it does not stay down.</summary>
    private async Task TellAsync(IPresenceHandler handler, int shard)
    {
        try
        {
            await using var subscription = await SubscribeAsync(shard);
            await foreach (var diff in subscription.Diffs(_end.Token))
            {
                foreach (var change in diff.Topics.SelectMany(topic => topic.Events).Where(change => Concerns(handler, change)))
                {
                    await TellAsync(handler, change);
                }
            }
        }
        catch (ShardUnavailableException down)
        {
            logger.LogWarning("{Handler} is told nothing more of shard {Shard}: {Reason}", handler.GetType().Name, shard, down.Message);
        }
    }

    private async Task<ShardSubscription> SubscribeAsync(int shard)
    {
        while (true)
        {
            try
            {
                return await tracker.SubscribeShardAsync(shard, _end.Token);
            }
            catch (ShardUnavailableException crashed) when (!crashed.IsForGood)
            {
                // Its next epoch takes the same request; after a few crashes there is none, and that is for good.
            }
        }
    }

    private async Task TellAsync(IPresenceHandler handler, PresenceEvent change)
    {
        try
        {
            await handler.HandleAsync(change, _end.Token);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !_end.IsCancellationRequested)
        {
            logger.LogError(fault, "{Handler} failed at {Kind} of {Presence}", handler.GetType().Name, change.Kind, change.Presence);
        }
    }

    // By address: a node that goes on under another incarnation is the same to a handler.
    private bool Concerns(IPresenceHandler handler, PresenceEvent change) =>
        handler.Scope == PresenceHandlerScope.EveryNode || change.Presence.Node.Address == tracker.Self.Address;
}
