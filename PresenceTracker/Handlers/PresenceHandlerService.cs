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
        _telling = Task.WhenAll(handlers.Select(TellAsync));
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
            await Task.WhenAll((await tracker.SubscribeShardsAsync(_end.Token)).Select(subscription => TellAsync(handler, subscription)));
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception ended) when (ended is TrackerStoppedException or ShardUnavailableException)
        {
            logger.LogWarning("{Handler} is told nothing more: {Reason}", handler.GetType().Name, ended.Message);
        }
    }

    private async Task TellAsync(IPresenceHandler handler, ShardSubscription subscription)
    {
        await using (subscription)
        {
            await foreach (var diff in subscription.Diffs(_end.Token))
            {
                foreach (var change in diff.Topics.SelectMany(topic => topic.Events).Where(change => Concerns(handler, change)))
                {
                    await TellAsync(handler, change);
                }
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
