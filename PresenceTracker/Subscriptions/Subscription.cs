using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Errors;
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

    /// <summary>
    /// The shard crashed before it answered, or is down. Who has just subscribed is told at once; a reader that was being served is no worse
    /// off than if it had asked a moment later, and so the next epoch is asked.
    /// </summary>
    internal void RequestFailed(Exception cause)
    {
        if (cause is ShardUnavailableException { IsForGood: false } && First.IsCompletedSuccessfully)
        {
            Request();
        }
        else
        {
            Fail(cause);
        }
    }

    private protected override void Unsubscribe() => Publisher.Tell(new DiffPublisher.Unsubscribe(this), ActorRefs.NoSender);

    private protected override TopicDiff Between(TopicView before, TopicView after) => TopicDiff.Between(before, after);

    private protected override TopicView After(TopicView before, TopicDiff diff) => diff.After;

    private protected override bool IsEmpty(TopicDiff diff) => diff.Events.IsEmpty;
}
