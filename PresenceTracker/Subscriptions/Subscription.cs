using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Subscriptions;

/// <summary>One reader's window on a topic: who is in it, and each change.</summary>
/// <inheritdoc/>
public sealed class Subscription : Subscription<TopicView, TopicDiff>
{
    private readonly IActorRef _shard;

    internal Subscription(string topic, NodeRuntime runtime, IActorRef shard)
        : base(runtime)
    {
        Topic = topic;
        _shard = shard;
    }

    public string Topic { get; }

    /// <summary>Asks the shard, which answers in order with its diffs.</summary>
    internal override void Request() => _shard.Tell(new ShardCommand.Subscribe(this), ActorRefs.NoSender);

    private protected override void Unsubscribe() => Publisher.Tell(new DiffPublisher.Unsubscribe(this), ActorRefs.NoSender);

    private protected override TopicDiff Between(TopicView before, TopicView after) => TopicDiff.Between(before, after);

    private protected override TopicView After(TopicView before, TopicDiff diff) => diff.After;

    private protected override bool IsEmpty(TopicDiff diff) => diff.Events.IsEmpty;
}
