using System.Collections.Immutable;
using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Subscriptions;

/// <summary>One reader's window on all topics of a shard.</summary>
internal sealed class ShardSubscription(int shard, NodeRuntime runtime, IActorRef actor)
    : Subscription<ImmutableDictionary<string, TopicView>, ShardDiff>(runtime)
{
    public int Shard { get; } = shard;

    internal override void Request() => actor.Tell(new ShardCommand.SubscribeAll(this), ActorRefs.NoSender);

    private protected override void Unsubscribe() => Publisher.Tell(new DiffPublisher.UnsubscribeAll(this), ActorRefs.NoSender);

    private protected override ShardDiff Between(
        ImmutableDictionary<string, TopicView> before, ImmutableDictionary<string, TopicView> after) => new(
        [.. before.Keys.Union(after.Keys, StringComparer.Ordinal)
            .Select(topic => TopicDiff.Between(
                before.GetValueOrDefault(topic) ?? TopicView.Empty(topic), after.GetValueOrDefault(topic) ?? TopicView.Empty(topic)))
            .Where(diff => !diff.Events.IsEmpty)]);

    private protected override ImmutableDictionary<string, TopicView> After(ImmutableDictionary<string, TopicView> before, ShardDiff diff)
    {
        var after = before.ToBuilder();
        foreach (var topic in diff.Topics)
        {
            if (topic.After.MetaCount == 0)
            {
                after.Remove(topic.Topic);
            }
            else
            {
                after[topic.Topic] = topic.After;
            }
        }

        return after.ToImmutable();
    }

    private protected override bool IsEmpty(ShardDiff diff) => diff.Topics.All(topic => topic.Events.IsEmpty);
}
