using Akka.Actor;
using Akka.Event;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Topology;

namespace PresenceTracker.Actors;

/// <summary>
/// Starts the actors of a node, tells them what the membership decides, and restarts a crashed shard in its next epoch. A crash of anything
/// else ends the node loudly: its state cannot be rebuilt from elsewhere.
/// </summary>
internal sealed class PresenceSupervisor : ReceiveActor
{
    public const string Name = "presence";

    private readonly NodeRuntime _runtime;
    private readonly NodeOptions _options;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<MembershipEffect> _early = [];
    private ShardIdentity[] _identities = [];
    private ShardCrashes[] _crashes = [];
    private IActorRef[] _shards = [];
    private IActorRef? _heartbeat;
    private IActorRef _monitor = ActorRefs.Nobody;
    private Func<TrackerStoppedException>? _fault;

    public PresenceSupervisor(NodeRuntime runtime, NodeOptions options)
    {
        _runtime = runtime;
        _options = options;
        Receive<MembershipEffect.StopNode>(stop => Stop(StopFault.Of(stop.Cause)));
        Receive<MembershipEffect.Broadcast>(told => _runtime.Overlay.Tell(told));
        Receive<MembershipEffect>(Route);
        Receive<GossipEffect.BecameSynced>(Synced);
        Receive<GossipEffect.RootRests>(rests => _monitor.Tell(new MembershipInput.RootRests(rests.Root)));
        Receive<ReplicationEffect.RequestIntroduction>(_ => Introduce(Sender));
        Receive<ReplicationEffect.AnnounceEpoch>(announce => _monitor.Tell(new MembershipInput.ShardEpochCompleted(announce.Epoch)));
        Receive<MembershipInput.LeaveRequested>(leave => _monitor.Tell(leave));
        Receive<ReplicaMonitorActor.LeaveSent>(_ => Context.Stop(Self));
        Receive<Terminated>(stopped => Stop(_fault ?? StopFault.OfEnd(stopped.ActorRef)));
    }

    protected override void PreStart()
    {
        _runtime.OwnerWatch = Start(Props.Create(() => new OwnerWatchActor(_runtime)), "owner-watch");
        _runtime.Publisher = Start(Props.Create(() => new DiffPublisher(_runtime)), "diff-publisher");
        _runtime.Leases = Start(Props.Create(() => new LeaseActor(_runtime)), LeaseActor.Name);
        _monitor = Start(
            Props.Create(() => new ReplicaMonitorActor(_runtime, _options)), ReplicaMonitorActor.Name);
    }

    protected override void PreRestart(Exception reason, object message)
    {
        _fault = StopFault.OfCrash(Self, reason);
        base.PreRestart(reason, message);
    }

    // What is said of the others holds here as well.
    protected override void PostRestart(Exception reason) => Context.Stop(Self);

    protected override void PostStop() => _runtime.HasStopped(_fault);

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(exception =>
    {
        if (Array.IndexOf(_shards, Sender) is var shard and >= 0)
        {
            ShardCrashed(shard);
            return Directive.Restart;
        }

        _fault = StopFault.OfCrash(Sender, exception);
        return Directive.Stop;
    });

    private void Route(MembershipEffect effect)
    {
        _runtime.Apply(effect);
        _runtime.Leases.Tell(effect);
        if (effect is MembershipEffect.Announceable announceable)
        {
            StartShards(announceable.Self);
        }
        else if (_heartbeat is null)
        {
            _early.Add(effect);
        }
        else
        {
            Tell(effect);
        }
    }

    private void StartShards(NodeId self)
    {
        _heartbeat = Start(
            Props.Create(() => new HeartbeatActor(_runtime, self, _options.Gossip, _options.Seed)), HeartbeatActor.Name);
        _runtime.Overlay = Start(
            Props.Create(() => new OverlayActor(_runtime, self, _options.Topology, _options.Seed, _heartbeat, _monitor)), OverlayActor.Name);
        var peers = new ShardPeers(_heartbeat, _runtime.OwnerWatch, _runtime.Publisher, _runtime.Metrics);
        _identities = [.. Enumerable.Range(0, _runtime.Settings.ShardCount).Select(shard => new ShardIdentity(self, shard))];
        _crashes = [.. _identities.Select(_ => new ShardCrashes())];
        _shards = [.. _identities.Select((identity, shard) =>
            Start(Props.CreateBy(new ShardProducer(_runtime, shard, identity, _crashes[shard], peers)), $"shard-{shard}"))];
        _runtime.ShardsStarted(_shards);
        _heartbeat.Tell(new GossipInput.Started());
        foreach (var effect in _early)
        {
            Tell(effect);
        }

        _early.Clear();
    }

    /// <summary>What the membership says of nodes, to all whom it concerns.</summary>
    private void Tell(MembershipEffect effect)
    {
        foreach (var input in PeerInputs.Of(effect))
        {
            _heartbeat!.Tell(input);
        }

        _runtime.Overlay.Tell(new TopologyInput.FromMembership(effect));
        if (effect is MembershipEffect.SelfRaised raised)
        {
            Raise(raised.Node);
            return;
        }

        foreach (var shard in _shards)
        {
            shard.Tell(effect);
        }
    }

    /// <summary>This node goes on under a higher incarnation: every shard begins an epoch in it.</summary>
    private void Raise(NodeId self)
    {
        _log.Warning("Another life at {0} was known to peers; this node goes on as {1}", self.Address, self);
        _heartbeat!.Tell(new HeartbeatActor.SelfRaised(self));
        for (var shard = 0; shard < _shards.Length; shard++)
        {
            _identities[shard].Node = self;
            ((IInternalActorRef)_shards[shard]).Restart(new IncarnationRaisedException(self));
        }
    }

    /// <summary>A shard that begins an epoch knows nobody yet.</summary>
    private void Introduce(IActorRef shard)
    {
        foreach (var introduction in _runtime.Directory.Introductions)
        {
            shard.Tell(introduction);
        }

        shard.Tell(new ReplicationInput.Introduced());
    }

    private void Synced(GossipEffect.BecameSynced synced)
    {
        _log.Info(
            "{0} is ready: {1}",
            _runtime.Directory.Self.Address,
            synced.Alone ? "alone, because nobody has answered; it keeps trying" : "joined and synced");
        _runtime.BecameReady();
    }

    private void ShardCrashed(int shard)
    {
        var crashes = _crashes[shard];
        if (crashes.IsDown)
        {
            return;
        }

        crashes.Crashed(Context.System.Scheduler.MonotonicClock);
        if (crashes.IsDown)
        {
            _log.Error("Shard {0} stays down after repeated crashes; the node is not ready", shard);
            _runtime.ShardStaysDown(shard);

            // Nothing ends what this shard has announced any more, so peers must not go on listing it: the next epoch has nothing.
            var last = _identities[shard].BeginEpoch();
            _monitor.Tell(new MembershipInput.ShardEpochCompleted(new ShardEpoch(last.Shard, last.Epoch, CompleteAt: 0)));
            _runtime.Publisher.Tell(new DiffPublisher.ShardStaysDown(shard));
        }
    }

    private void Stop(Func<TrackerStoppedException> fault)
    {
        _fault ??= fault;
        _log.Error("The presence tracker stops: {0}", _fault().Reason);
        Context.Stop(Self);
    }

    private IActorRef Start(Props props, string name) => Context.Watch(Context.ActorOf(props.WithDispatcher(_options.Dispatcher), name));
}
