using System.Collections.Immutable;
using Akka.Actor;
using Akka.Remote;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Protocol.Topology;
using PresenceTracker.Wire;

namespace PresenceTracker.Actors;

/// <summary>
/// The shell of the topology core: hands it messages, timers and what the membership decides, tells gossip and membership whom to speak to, and
/// carries what is broadcast. One of the four actors of a node that other nodes speak to.
/// </summary>
internal sealed class OverlayActor : ReceiveActor, IWithTimers
{
    public const string Name = "overlay";

    private readonly NodeRuntime _runtime;
    private readonly RemotePeers _peers;
    private readonly TopologyCore _core;
    private readonly IActorRef _heartbeat;
    private readonly IActorRef _monitor;
    private readonly List<TopologyEffect> _effects = [];

    public OverlayActor(NodeRuntime runtime, NodeId self, TopologyOptions options, ulong seed, IActorRef heartbeat, IActorRef monitor)
    {
        _runtime = runtime;
        _heartbeat = heartbeat;
        _monitor = monitor;
        _peers = new RemotePeers((ExtendedActorSystem)Context.System, Name);
        _core = new TopologyCore(options, self, new Prng(seed));
        Receive<TopologyInput>(Handle);
        Receive<MembershipEffect.Broadcast>(told => Publish(PayloadCodec.Encode(told.Announcement, _core.Self)));
        Receive<GossipEffect.Publish>(changed => Publish(PayloadCodec.Encode(changed.Dots, _core.Self)));
        Receive<DisassociatedEvent>(closed => LookAfter(closed.RemoteAddress));
        Receive<AssociationErrorEvent>(failed => LookAfter(failed.RemoteAddress));
        Receive<OverlayEnvelope>(envelope =>
        {
            Count(envelope.Bytes, envelope.From, envelope.Message);
            Handle(new TopologyInput.OverlayReceived(envelope.From, envelope.Message));
        });
        Receive<BroadcastEnvelope>(envelope =>
        {
            Count(envelope.Bytes, envelope.From, envelope.Message);
            Handle(new TopologyInput.BroadcastReceived(envelope.From, envelope.Message));
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Count(int bytes, NodeId from, object message)
    {
        _runtime.Traffic.Of(from.Address).CountReceived(bytes);
        _runtime.Metrics.OverlayReceived(message);
    }

    private void LookAfter(Address? remote)
    {
        if (remote is { Host: { } host, Port: { } port }) Handle(new TopologyInput.PeerUnreachable($"{host}:{port}"));
    }

    private void Publish(ImmutableArray<byte> payload) => Handle(new TopologyInput.Publish(payload));

    private void Handle(TopologyInput input)
    {
        _core.Handle(input, new MonotonicTime(Context.System.Scheduler.MonotonicClock.Ticks), _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
    }

    private void Carry(TopologyEffect effect)
    {
        switch (effect)
        {
            case TopologyEffect.SendOverlay(var to, var message):
                _runtime.Metrics.OverlaySent(message);
                _peers.Tell(to.Address, new OverlayEnvelope(_core.Self, message) { Traffic = _runtime.Traffic.Of(to.Address) });
                break;
            case TopologyEffect.SendBroadcast(var to, var message):
                _runtime.Metrics.OverlaySent(message);
                _peers.Tell(to.Address, new BroadcastEnvelope(_core.Self, message) { Traffic = _runtime.Traffic.Of(to.Address) });
                break;
            case TopologyEffect.ScheduleTimer(var timer, var after):
                Timers.StartSingleTimer(timer, new TopologyInput.TimerFired(timer), after);
                break;
            case TopologyEffect.Deliver deliver:
                Deliver(deliver);
                break;
            case TopologyEffect.LinksChanged(var neighbors):
                _runtime.Metrics.Neighbors(neighbors?.Length ?? 0);
                _heartbeat.Tell(new GossipInput.LinksChanged(neighbors));
                _monitor.Tell(new MembershipInput.LinksChanged(neighbors));
                break;
            case TopologyEffect.ReportOverlay(var violation, var from):
                _runtime.Metrics.OverlayViolated(violation.ToString(), from);
                break;
            case TopologyEffect.ReportBroadcast(var violation, var from):
                _runtime.Metrics.OverlayViolated(violation.ToString(), from);
                break;
            default:
                throw new InvalidOperationException($"{effect.GetType().Name} is no effect that this shell knows");
        }
    }

    private void Deliver(TopologyEffect.Deliver deliver)
    {
        object decoded;
        try
        {
            decoded = PayloadCodec.Decode(deliver.Payload, deliver.Origin);
        }
        catch (WireFormatException)
        {
            _runtime.Metrics.OverlayViolated("MalformedPayload", deliver.Origin);
            return;
        }

        if (decoded is Dots dots)
        {
            _heartbeat.Tell(new GossipInput.BroadcastReceived(deliver.Via, dots));
        }
        else
        {
            _monitor.Tell(decoded);
        }
    }
}
