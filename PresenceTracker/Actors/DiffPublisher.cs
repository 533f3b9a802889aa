using System.Collections.Immutable;
using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.Actors;

/// <summary>
/// Hands what the shards change to the subscriptions of topics, of shards and of keys, off the shards' threads. Each subscription has a bounded
/// queue; a full one is passed over until its reader asks for the present state.
/// </summary>
internal sealed class DiffPublisher : ReceiveActor
{
    private readonly Dictionary<string, List<Subscription>> _byTopic = new(StringComparer.Ordinal);
    private readonly HashSet<ShardSubscription> _ofShards = [];
    private readonly WatchedKeys _keys;
    private readonly NodeRuntime _runtime;
    private int? _shardDown;

    public DiffPublisher(NodeRuntime runtime)
    {
        _runtime = runtime;
        _keys = new WatchedKeys(runtime.Views);
        Receive<ShardTurn>(Publish);
        Receive<Subscribed>(Begin);
        Receive<Unsubscribe>(message => End(message.Subscription));
        Receive<SubscribedAll>(Begin);
        Receive<UnsubscribeAll>(message => End(message.Subscription));
        Receive<Watch>(message => Begin(message.Subscription));
        Receive<Unwatch>(message => End(message.Subscription));
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

    private void Begin(SubscribedAll message)
    {
        var subscription = message.Subscription;
        if (!subscription.IsDisposed)
        {
            subscription.Begin(message.Topics);
            _ofShards.Add(subscription);
            _runtime.Metrics.SubscriptionBegan(subscription);
        }
    }

    private void Begin(KeySubscription subscription)
    {
        if (subscription.IsDisposed)
        {
            return;
        }

        if (_shardDown is { } shard)
        {
            subscription.Fail(new ShardUnavailableException(shard, cause: null));
            return;
        }

        subscription.Begin(_keys.Add(subscription));
        _runtime.Metrics.SubscriptionBegan(subscription);
    }

    private void Publish(ShardTurn message)
    {
        foreach (var diff in message.Turn.Diffs)
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

        var diffs = new ShardDiff(message.Turn.Diffs);
        foreach (var lagging in _ofShards.Where(subscription => subscription.Shard == message.Shard && !subscription.Offer(diffs)).ToList())
        {
            _runtime.Metrics.SubscriberLagged();
            _ofShards.Remove(lagging);
        }

        foreach (var (lagging, _) in _keys.Apply(message.Shard, message.Turn).Where(change => !change.Subscription.Offer(change.Diff)).ToList())
        {
            _runtime.Metrics.SubscriberLagged();
            _keys.Remove(lagging);
        }
    }

    private void Fail(ShardStaysDown down)
    {
        _shardDown = down.Shard;
        foreach (var subscription in _byTopic.Values.SelectMany(subscriptions => subscriptions)
            .Where(subscription => StableHash.ShardOf(subscription.Topic, _runtime.Settings.ShardCount) == down.Shard).ToList())
        {
            subscription.Fail(new ShardUnavailableException(down.Shard, cause: null));
            End(subscription);
        }

        foreach (var subscription in _ofShards.Where(subscription => subscription.Shard == down.Shard).ToList())
        {
            subscription.Fail(new ShardUnavailableException(down.Shard, cause: null));
            End(subscription);
        }

        // A key may have been in any topic.
        foreach (var subscription in _keys.Subscriptions.ToList())
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

    private void End(ShardSubscription subscription)
    {
        _ofShards.Remove(subscription);
        _runtime.Metrics.SubscriptionEnded(subscription);
    }

    private void End(KeySubscription subscription)
    {
        _keys.Remove(subscription);
        _runtime.Metrics.SubscriptionEnded(subscription);
    }

    /// <summary>What one turn of a shard changed.</summary>
    public sealed record ShardTurn(int Shard, Turn Turn);

    /// <summary>The shard's answer to a subscription, in order with its diffs.</summary>
    public sealed record Subscribed(Subscription Subscription, TopicView View);

    public sealed record Unsubscribe(Subscription Subscription);

    /// <summary>The shard's answer to a subscription of all its topics, in order with its diffs.</summary>
    public sealed record SubscribedAll(ShardSubscription Subscription, ImmutableDictionary<string, TopicView> Topics);

    public sealed record UnsubscribeAll(ShardSubscription Subscription);

    /// <summary>Begins, or begins anew, to tell which of the keys are online.</summary>
    public sealed record Watch(KeySubscription Subscription);

    public sealed record Unwatch(KeySubscription Subscription);

    /// <summary>The shard publishes nothing more: subscriptions of its topics end with that.</summary>
    public sealed record ShardStaysDown(int Shard);
}
