using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>Hands the diffs of all shards to the subscribers, as <c>DiffPublisher</c> does.</summary>
internal sealed class SimulatedPublisher(SimulatedNode node) : SimulatedActor(node, ActorName.Publisher)
{
    private readonly List<Subscriber> _subscribers = [];

    public IReadOnlyList<Subscriber> Subscribers => _subscribers;

    protected override void Receive(object message)
    {
        switch (message)
        {
            case Subscribed(var subscriber, var view):
                subscriber.Begin(view);
                _subscribers.Add(subscriber);
                break;
            case Unsubscribed(var subscriber):
                _subscribers.Remove(subscriber);
                break;
            case Turn turn:
                foreach (var diff in turn.Diffs)
                {
                    Publish(diff);
                }

                break;
            default:
                throw new InvalidOperationException($"{message} is nothing for a publisher");
        }
    }

    private void Publish(TopicDiff diff)
    {
        foreach (var subscriber in _subscribers)
        {
            if (subscriber.Topic == diff.Topic)
            {
                subscriber.Take(diff);
                Node.Cluster.Check(checker => checker.SubscriberTold(Node, subscriber, diff));
            }
        }
    }

    /// <summary>The shard's answer to a subscription, in order with its diffs.</summary>
    public sealed record Subscribed(Subscriber Subscriber, TopicView View);

    public sealed record Unsubscribed(Subscriber Subscriber);
}
