using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.Gateway;

/// <summary>The tracker for those who prefer messages to methods. Reads and writes go past it, so that it is no bottleneck.</summary>
internal sealed class GatewayActor : ReceiveActor
{
    public const string Name = "presence-gateway";

    private readonly Tracker _tracker;
    private readonly Dictionary<(IActorRef Subscriber, string Topic), Subscription?> _subscriptions = [];

    public GatewayActor(Tracker tracker)
    {
        _tracker = tracker;
        Receive<TrackerMessage.Track>(m => Answer(() => tracker.TrackAsync(m.Topic, m.Key, m.Owner ?? OwnerOf(Sender), m.Meta)));
        Receive<TrackerMessage.TrackOrUpdate>(m => Answer(() => tracker.TrackOrUpdateAsync(m.Topic, m.Key, m.Owner ?? OwnerOf(Sender), m.Meta)));
        Receive<TrackerMessage.Update>(m => Answer(() => tracker.UpdateAsync(m.Topic, m.Key, m.Owner ?? OwnerOf(Sender), m.Meta)));
        Receive<TrackerMessage.Untrack>(m => Answer(() => tracker.UntrackAsync(m.Topic, m.Key, m.Owner ?? OwnerOf(Sender))));
        Receive<TrackerMessage.List>(m => Sender.Tell(tracker.List(m.Topic)));
        Receive<TrackerMessage.Subscribe>(Subscribe);
        Receive<TrackerMessage.Unsubscribe>(m => Unsubscribe((Sender, m.Topic)));
        Receive<Begun>(Begin);
        Receive<Failed>(failed =>
        {
            _subscriptions.Remove(failed.Key);
            failed.Key.Subscriber.Tell(new Status.Failure(failed.Cause), Self);
        });
        Receive<Terminated>(terminated =>
        {
            foreach (var key in _subscriptions.Keys.Where(key => key.Subscriber.Equals(terminated.ActorRef)).ToList())
            {
                Unsubscribe(key);
            }
        });
    }

    private static Owner OwnerOf(IActorRef sender) => Owner.Actor(sender);

    private void Answer<TResult>(Func<Task<TResult>> call)
    {
        Task<TResult> result;
        try
        {
            result = call();
        }
        catch (PresenceException misuse)
        {
            Sender.Tell(new Status.Failure(misuse));
            return;
        }

        result.PipeTo(Sender, Self);
    }

    private void Subscribe(TrackerMessage.Subscribe message)
    {
        var key = (Sender, message.Topic);
        if (!_subscriptions.TryAdd(key, null))
        {
            return;
        }

        Context.Watch(Sender);
        _tracker.SubscribeAsync(message.Topic).PipeTo(
            Self, success: subscription => new Begun(key, subscription), failure: cause => new Failed(key, cause));
    }

    private void Begin(Begun begun)
    {
        if (!_subscriptions.ContainsKey(begun.Key))
        {
            // Ended by the subscriber before it began.
            _ = begun.Subscription.DisposeAsync();
            return;
        }

        _subscriptions[begun.Key] = begun.Subscription;
        begun.Key.Subscriber.Tell(begun.Subscription.Snapshot, Self);

        // Ends without a word when the subscription is disposed, which only this actor does.
        ForwardAsync(begun.Subscription, begun.Key.Subscriber, Self).PipeTo(Self, failure: cause => new Failed(begun.Key, cause));
    }

    private static async Task ForwardAsync(Subscription subscription, IActorRef subscriber, IActorRef self)
    {
        await foreach (var diff in subscription.Diffs())
        {
            subscriber.Tell(diff, self);
        }
    }

    private void Unsubscribe((IActorRef Subscriber, string Topic) key)
    {
        if (_subscriptions.Remove(key, out var subscription) && subscription is not null)
        {
            _ = subscription.DisposeAsync();
        }

        if (!_subscriptions.Keys.Any(other => other.Subscriber.Equals(key.Subscriber)))
        {
            Context.Unwatch(key.Subscriber);
        }
    }

    private sealed record Begun((IActorRef Subscriber, string Topic) Key, Subscription Subscription);

    private sealed record Failed((IActorRef Subscriber, string Topic) Key, Exception Cause);
}
