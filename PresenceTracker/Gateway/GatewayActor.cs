using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Owners;

namespace PresenceTracker.Gateway;

/// <summary>
/// The tracker for those who prefer messages to methods. Reads, writes and diffs go past it, so that it is no bottleneck: each call is awaited
/// outside, and each subscription has an actor of its own.
/// </summary>
internal sealed class GatewayActor : ReceiveActor
{
    public const string Name = "presence-gateway";

    private readonly Tracker _tracker;
    private readonly Dictionary<(IActorRef Subscriber, string Topic), Forwarding> _forwardings = [];

    public GatewayActor(Tracker tracker)
    {
        _tracker = tracker;
        Receive<TrackerMessage.Track>(m => Answer(sender => tracker.TrackAsync(m.Topic, m.Key, m.Owner ?? Owner.Actor(sender), m.Meta)));
        Receive<TrackerMessage.TrackOrUpdate>(
            m => Answer(sender => tracker.TrackOrUpdateAsync(m.Topic, m.Key, m.Owner ?? Owner.Actor(sender), m.Meta)));
        Receive<TrackerMessage.Update>(m => Answer(sender => tracker.UpdateAsync(m.Topic, m.Key, m.Owner ?? Owner.Actor(sender), m.Meta)));
        Receive<TrackerMessage.Untrack>(m => Answer(sender => tracker.UntrackAsync(m.Topic, m.Key, m.Owner ?? Owner.Actor(sender))));
        Receive<TrackerMessage.List>(m => Answer(_ => Task.FromResult(tracker.List(m.Topic))));
        Receive<TrackerMessage.Subscribe>(Subscribe);
        Receive<TrackerMessage.Unsubscribe>(Unsubscribe);
        Receive<Ended>(ended => End(ended.Key));
    }

    // A subscription that fails tells its subscriber and is over.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Answer<TResult>(Func<IActorRef, Task<TResult>> call)
    {
        Task<TResult> result;
        try
        {
            result = call(Sender);
        }
        catch (Exception misuse) when (misuse is PresenceException or ArgumentException)
        {
            Sender.Tell(new Status.Failure(misuse));
            return;
        }

        result.PipeTo(Sender, Self);
    }

    private void Subscribe(TrackerMessage.Subscribe message)
    {
        PresenceException? refusal = Sender switch
        {
            IActorRefScope { IsLocal: false } => new RemoteOwnerException(Sender),
            MinimalActorRef => new UnwatchableActorException(Sender),
            _ => null,
        };
        if (refusal is not null)
        {
            Sender.Tell(new Status.Failure(refusal));
            return;
        }

        var key = (Sender, message.Topic);
        if (!_forwardings.TryGetValue(key, out var forwarding))
        {
            Start(key);
        }
        else if (forwarding.IsEnding)
        {
            forwarding.IsWantedAgain = true;
        }
    }

    private void Unsubscribe(TrackerMessage.Unsubscribe message)
    {
        if (_forwardings.TryGetValue((Sender, message.Topic), out var forwarding))
        {
            forwarding.IsEnding = true;
            forwarding.IsWantedAgain = false;
            Context.Stop(forwarding.Actor);
        }
    }

    private void Start((IActorRef Subscriber, string Topic) key)
    {
        var actor = Context.ActorOf(Props.Create(() => new ForwardingActor(_tracker, key.Subscriber, key.Topic)));
        _forwardings[key] = new Forwarding(Context.WatchWith(actor, new Ended(key)));
    }

    private void End((IActorRef Subscriber, string Topic) key)
    {
        _forwardings.Remove(key, out var forwarding);
        if (forwarding!.IsWantedAgain)
        {
            // Not earlier, so that no diff of the last subscription comes after the snapshot of this one.
            Start(key);
        }
    }

    private sealed record Ended((IActorRef Subscriber, string Topic) Key);

    private sealed class Forwarding(IActorRef actor)
    {
        public IActorRef Actor { get; } = actor;

        public bool IsEnding { get; set; }

        /// <summary>Subscribed anew before it had ended.</summary>
        public bool IsWantedAgain { get; set; }
    }
}
