using Akka.Actor;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Wire;

namespace PresenceTracker.Actors;

/// <summary>
/// The shell of the gossip core: hands it messages, timers and what shards and membership tell, and carries out its effects. One of the
/// four actors of a node that other nodes speak to.
/// </summary>
internal sealed class HeartbeatActor : ReceiveActor, IWithTimers
{
    public const string Name = "heartbeat";

    private readonly NodeRuntime _runtime;
    private readonly RemotePeers _peers;
    private readonly GossipCore _core;
    private readonly List<GossipEffect> _effects = [];
    private NodeId _self;

    public HeartbeatActor(NodeRuntime runtime, NodeId self, GossipOptions options, ulong seed)
    {
        _runtime = runtime;
        _self = self;
        _peers = new RemotePeers((ExtendedActorSystem)Context.System, Name);
        _core = new GossipCore(options, self, new Prng(seed));
        Receive<GossipInput>(Handle);
        Receive<SelfRaised>(raised => _self = raised.Self);
        Receive<GossipEnvelope>(envelope =>
        {
            _runtime.Traffic.Of(envelope.From.Address).CountReceived(envelope.Bytes);
            _runtime.Metrics.GossipReceived(envelope.From, envelope.Message);
            Handle(new GossipInput.MessageReceived(envelope.From, envelope.Message));
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private void Handle(GossipInput input)
    {
        var now = new MonotonicTime(Context.System.Scheduler.MonotonicClock.Ticks);
        _core.Handle(input, now, _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
        _runtime.Gossip.Publish(_core, now);
    }

    private void Carry(GossipEffect effect)
    {
        switch (effect)
        {
            case GossipEffect.SendMessage(var to, var message):
                _runtime.Metrics.GossipSent(to, message);
                _peers.Tell(to.Address, new GossipEnvelope(_self, message) { Traffic = _runtime.Traffic.Of(to.Address) });
                break;
            case GossipEffect.ScheduleTimer(var timer, var after):
                Timers.StartSingleTimer(timer, new GossipInput.TimerFired(timer), after);
                break;
            case GossipEffect.Publish:
                _runtime.Overlay.Tell(effect);
                break;
            case GossipEffect.DeliverDots delivery:
                Shards[delivery.Dots.Replica.Shard].Tell(delivery);
                break;
            case GossipEffect.ServePull pull:
                Shards[pull.Replica.Shard].Tell(pull);
                break;
            case GossipEffect.ShowTarget:
                foreach (var shard in Shards)
                {
                    shard.Tell(effect);
                }

                break;
            case GossipEffect.BecameSynced or GossipEffect.RootRests:
                Context.Parent.Tell(effect);
                break;
            case GossipEffect.ReportViolation(var violation, var from):
                _runtime.Metrics.GossipViolated(violation, from);
                break;
            default:
                throw new InvalidOperationException($"{effect.GetType().Name} is no effect that this shell knows");
        }
    }

    // Needed only once peers are told, which the supervisor does after it has started the shards.
    private IReadOnlyList<IActorRef> Shards => _runtime.Shards.Result;

    /// <summary>The node goes on under a higher incarnation.</summary>
    public sealed record SelfRaised(NodeId Self);
}
