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
                foreach (var (change, key) in diff.Topics.SelectMany(KeyChanges).Where(told => Concerns(handler, told.Change)))
                {
                    await TellAsync(handler, change, key);
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

    /// <summary>A diff is one step: a key comes with its first join in it, and goes with its last leave.</summary>
    private static IEnumerable<(PresenceEvent Change, KeyChange Key)> KeyChanges(TopicDiff diff)
    {
        var (came, went) = (new HashSet<string>(diff.KeysJoined, StringComparer.Ordinal), new HashSet<string>(diff.KeysLeft, StringComparer.Ordinal));
        var keys = new KeyChange[diff.Events.Length];
        for (var index = 0; index < keys.Length; index++)
        {
            if (diff.Events[index].Kind == PresenceEventKind.Joined && came.Remove(diff.Events[index].Presence.Key))
            {
                keys[index] = KeyChange.Came;
            }
        }

        for (var index = keys.Length - 1; index >= 0; index--)
        {
            if (diff.Events[index].Kind == PresenceEventKind.Left && went.Remove(diff.Events[index].Presence.Key))
            {
                keys[index] = KeyChange.Went;
            }
        }

        return diff.Events.Zip(keys);
    }

    private async Task TellAsync(IPresenceHandler handler, PresenceEvent change, KeyChange key)
    {
        try
        {
            await handler.HandleAsync(change, key, _end.Token);
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
