using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.Actors;

/// <summary>
/// Hands the diffs of all shards to the subscriptions, off the shards' threads. Each subscription has a bounded queue; a full one is passed
/// over until its reader asks for the present state.
/// </summary>
internal sealed class DiffPublisher : ReceiveActor
{
    private readonly Dictionary<string, List<Subscription>> _byTopic = new(StringComparer.Ordinal);
    private readonly NodeRuntime _runtime;

    public DiffPublisher(NodeRuntime runtime)
    {
        _runtime = runtime;
        Receive<ShardDiffs>(Publish);
        Receive<Subscribed>(Begin);
        Receive<Unsubscribe>(message => End(message.Subscription));
        Receive<ShardStaysDown>(Fail);
    }

    private void Begin(Subscribed message)
    {
        var subscription = message.Subscription;
        if (subscription.IsDisposed)
        {
            return;
        }

        if (!_byTopic.TryGetValue(subscription.Topic, out var subscriptions))
        {
            _byTopic[subscription.Topic] = subscriptions = [];
        }

        subscription.Begin(message.View);
        subscriptions.Add(subscription);
        _runtime.Metrics.SubscriptionBegan(subscription);
    }

    private void Publish(ShardDiffs message)
    {
        foreach (var diff in message.Diffs)
        {
            if (!_byTopic.TryGetValue(diff.Topic, out var subscriptions))
            {
                continue;
            }

            foreach (var lagging in subscriptions.Where(subscription => !subscription.Offer(diff)).ToList())
            {
                _runtime.Metrics.SubscriberLagged();
                Remove(lagging);
            }
        }
    }

    private void Fail(ShardStaysDown down)
    {
        foreach (var subscription in _byTopic.Values.SelectMany(subscriptions => subscriptions)
            .Where(subscription => StableHash.ShardOf(subscription.Topic, _runtime.Settings.ShardCount) == down.Shard).ToList())
        {
            subscription.Fail(new ShardUnavailableException(down.Shard, cause: null));
            End(subscription);
        }
    }

    private void End(Subscription subscription)
    {
        Remove(subscription);
        _runtime.Metrics.SubscriptionEnded(subscription);
    }

    private void Remove(Subscription subscription)
    {
        if (_byTopic.TryGetValue(subscription.Topic, out var subscriptions) && subscriptions.Remove(subscription) && subscriptions.Count == 0)
        {
            _byTopic.Remove(subscription.Topic);
        }
    }

    /// <summary>What one turn of a shard changed.</summary>
    public sealed record ShardDiffs(IReadOnlyList<TopicDiff> Diffs);

    /// <summary>The shard's answer to a subscription, in order with its diffs.</summary>
    public sealed record Subscribed(Subscription Subscription, TopicView View);

    public sealed record Unsubscribe(Subscription Subscription);

    /// <summary>The shard publishes nothing more: subscriptions of its topics end with that.</summary>
    public sealed record ShardStaysDown(int Shard);
}
