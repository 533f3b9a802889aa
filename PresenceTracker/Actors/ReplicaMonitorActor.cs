using System.Net;
using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using PresenceTracker.AkkaCluster;
using PresenceTracker.Configuration;
using PresenceTracker.Discovery;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Wire;

namespace PresenceTracker.Actors;

/// <summary>
/// The shell of the membership core: hands it messages and timers, and carries out its effects. What it decides about nodes goes to the
/// supervisor, which tells the others. One of the four actors of a node that other nodes speak to.
/// </summary>
internal sealed class ReplicaMonitorActor : ReceiveActor, IWithTimers
{
    public const string Name = "monitor";

    // A seed that is reached under two spellings at once keeps only the later of the two connections, and what was under way on the other is
    // lost. So the spelling as written has this time to be answered before the others are tried, which is well within the first contact.
    private static readonly TimeSpan SpellingsAfter = TimeSpan.FromMilliseconds(700);

    private readonly NodeRuntime _runtime;
    private readonly RemotePeers _peers;
    private readonly MembershipCore _core;
    private readonly List<MembershipEffect> _effects = [];
    private readonly SeedSpellings _seeds;
    private readonly NodeOptions _options;
    private Discovered _found;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public ReplicaMonitorActor(NodeRuntime runtime, NodeOptions options)
    {
        _runtime = runtime;
        _options = options;
        _peers = new RemotePeers((ExtendedActorSystem)Context.System, Name);
        _core = new MembershipCore(options.Membership, runtime.StartedAs, new Prng(options.Seed));
        _seeds = new SeedSpellings(options.Membership.Seeds, options.Membership.AddressesMax);
        _found = new Discovered([], options.Membership.AwaitsMoreSeeds);
        Receive<MembershipInput>(Handle);
        Receive<SeedResolved>(resolved => Timers.StartSingleTimer(resolved, new SpellingsDue(resolved), SpellingsAfter));
        Receive<SpellingsDue>(due =>
        {
            if (_seeds.Resolved(due.Seed.Seed, due.Seed.Addresses))
            {
                Handle(Seeds());
            }
        });
        Receive<Discovered>(found =>
        {
            _found = found;
            Handle(Seeds());
        });
        Receive<SeedUnresolved>(unresolved => _log.Warning("The seed {0} does not resolve: {1}", unresolved.Seed, unresolved.Cause.Message));
        Receive<DisassociatedEvent>(closed => LookAfter(closed.RemoteAddress));
        Receive<AssociationErrorEvent>(failed => LookAfter(failed.RemoteAddress));
        Receive<ThisActorSystemQuarantinedEvent>(_ => Handle(new MembershipInput.Supplanted()));
        Receive<MembershipEnvelope>(envelope =>
        {
            _runtime.Traffic.Of(envelope.FromAddress).CountReceived(envelope.Bytes);
            _runtime.Metrics.MembershipReceived(envelope.Message);
            Handle(new MembershipInput.MessageReceived(envelope.FromAddress, envelope.Message));
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        // Akka.Remote quarantines for good a process whose address another one has used. Elsewhere it does so for other reasons too, such as
        // lost system messages, and those are none to stop for.
        if (PresenceConfig.RefusesSystemMessages(Context.System.Settings.Config))
        {
            Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        }

        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
        Handle(new MembershipInput.Started());
        foreach (var (seed, host) in _seeds.HostNames)
        {
            Dns.GetHostAddressesAsync(host).PipeTo(
                Self, success: addresses => new SeedResolved(seed, addresses), failure: cause => new SeedUnresolved(seed, cause));
        }

        if (_options.ClusterRole is { } role)
        {
            var self = _runtime.StartedAs.Address;
            Context.ActorOf(
                Props.Create(() => new ClusterPeersActor(self, role)).WithDispatcher(_options.Dispatcher), ClusterPeersActor.Name);
        }

        if (!_options.Discoveries.IsEmpty)
        {
            Context.ActorOf(
                Props.Create(() => new DiscoveryActor(_runtime, _options)).WithDispatcher(_options.Dispatcher), DiscoveryActor.Name);
        }
    }

    // A crash of one of them is one of the node's own, as that of any other actor but a shard is.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void LookAfter(Address? remote)
    {
        if (remote is { Host: { } host, Port: { } port })
        {
            Handle(new MembershipInput.PeerUnreachable($"{host}:{port}"));
        }
    }

    private MembershipInput.SeedsChanged Seeds() =>
        new([.. _seeds.All.Union(_found.Addresses, StringComparer.Ordinal).Take(_options.Membership.AddressesMax)], _found.AwaitsMore);

    private void Handle(MembershipInput input)
    {
        _core.Handle(input, new MonotonicTime(Context.System.Scheduler.MonotonicClock.Ticks), _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
        if (input is MembershipInput.LeaveRequested)
        {
            Sender.Tell(new LeaveSent());
        }
    }

    private void Carry(MembershipEffect effect)
    {
        switch (effect)
        {
            case MembershipEffect.SendMessage(var address, var message):
                _runtime.Metrics.MembershipSent(message);
                _peers.Tell(
                    address, new MembershipEnvelope(_runtime.StartedAs.Address, message) { Traffic = _runtime.Traffic.Of(address) });
                break;
            case MembershipEffect.ScheduleTimer(var timer, var after):
                Timers.StartSingleTimer(timer, new MembershipInput.TimerFired(timer), after);
                break;
            case MembershipEffect.ReportViolation(var violation):
                _runtime.Metrics.MembershipViolated(violation);
                break;
            case MembershipEffect.SeedsContacted(var unanswered) when _seeds.Unanswered(unanswered):
                Self.Tell(Seeds());
                Context.Parent.Tell(effect);
                break;
            case MembershipEffect.Announceable:
                foreach (var seed in _seeds.Silent)
                {
                    _log.Warning("No answer from the seed {0}: it is unreachable, or it advertises another name; it is tried again and again", seed);
                }

                Context.Parent.Tell(effect);
                break;
            case MembershipEffect.NodeUp or MembershipEffect.NodeRemoved:
                _runtime.Metrics.RemovedNodes(_core.Members.Count(member => member.State == MemberState.Removed));
                Context.Parent.Tell(effect);
                break;
            default:
                Context.Parent.Tell(effect);
                break;
        }
    }

    /// <summary>Answers a request to leave, once every peer has been told.</summary>
    public sealed record LeaveSent;

    private sealed record SeedResolved(string Seed, IPAddress[] Addresses);

    private sealed record SpellingsDue(SeedResolved Seed);

    private sealed record SeedUnresolved(string Seed, Exception Cause);
}
