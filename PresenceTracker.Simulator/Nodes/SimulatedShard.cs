using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Faults;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>The shell of one shard's replication core, with its crashes and restarts, as <c>ShardActor</c> and its supervision are.</summary>
internal sealed class SimulatedShard : SimulatedActor
{
    private readonly int _shard;
    private readonly ShardIdentity _identity;
    private readonly List<ReplicationEffect> _effects = [];
    private readonly SortedDictionary<ulong, object> _pending = [];
    private ulong _lastToken;
    private ulong _life;
    private bool _mustCrash;
    private bool _hasReleased;

    public SimulatedShard(SimulatedNode node, int shard, ShardIdentity identity)
        : base(node, ActorName.Shard0 + shard)
    {
        _shard = shard;
        _identity = identity;
        Core = NewCore();
    }

    public ReplicationCore Core { get; private set; }

    public PublishedView View { get; } = new();

    public void Start() => Handle(new ReplicationInput.Started());

    /// <summary>The next message is lost by a crash.</summary>
    public void CrashAtNextMessage() => _mustCrash = true;

    /// <summary>Begins the next epoch, for the node goes on under a higher incarnation.</summary>
    public void Restart() => BeginNextEpoch(inHand: null);

    protected override void Receive(object message)
    {
        if (_mustCrash)
        {
            _mustCrash = false;
            Node.Cluster.Trace.Write(Node, $"{Name} crashes at {message}");
            Suspend();
            Node.Schedule(Node.Cluster.LocalDelay(Node), () =>
            {
                BeginNextEpoch(message);
                Resume();
                Node.Cluster.Workload.ShardCrashed(Node);
            });
            return;
        }

        switch (message)
        {
            case ShardRequest request:
                _pending.Add(++_lastToken, request);
                Handle(new ReplicationInput.Write(_lastToken, request.Operations, MayBeRefused: false));
                break;
            case SubscribeRequest subscribe:
                _pending.Add(++_lastToken, subscribe);
                Handle(new ReplicationInput.Write(_lastToken, [], MayBeRefused: false));
                break;
            case GossipEffect effect:
                Note(effect);
                Handle(new ReplicationInput.FromGossip(effect));
                break;
            case MembershipEffect effect:
                Node.Cluster.Check(checker => checker.ShardTold(Node, _shard, effect));
                Handle(new ReplicationInput.FromMembership(effect));
                break;
            default:
                Handle((ReplicationInput)message);
                break;
        }
    }

    private void Note(GossipEffect effect)
    {
        var marks = Node.Cluster.Marks;
        if (effect is not GossipEffect.DeliverDots { Dots: var dots })
        {
            marks.Add($"shard: {effect.GetType().Name}");
            return;
        }

        marks.Add(dots.IsDelta ? "delta delivered" : "chunk delivered");
        if (!dots.IsDelta && Node.Options.Faults.Contains(FaultKind.SmallLog))
        {
            marks.Add(FaultKind.SmallLog);
        }

        if (dots.To < dots.Horizon && Node.Options.Faults.Contains(FaultKind.SmallMessages))
        {
            marks.Add(FaultKind.SmallMessages);
        }
    }

    private ReplicationCore NewCore()
    {
        var core = new ReplicationCore(Node.Options.Replication, _identity.BeginEpoch(), View.State);
        _hasReleased = core.Self.Epoch == 0;
        Node.Cluster.Check(checker => checker.EpochBegan(Node, core.Self));
        return core;
    }

    private void BeginNextEpoch(object? inHand)
    {
        if (inHand is GossipEffect.DeliverDots { PushNumber: > 0 } push)
        {
            Tell(ActorName.Heartbeat, new GossipInput.PushHandled(push.From, push.PushNumber));
        }

        Fail(inHand);
        foreach (var pending in _pending.Values)
        {
            Fail(pending);
        }

        _pending.Clear();
        Handle(new ReplicationInput.Ended());
        _life++;
        Core = NewCore();
        Handle(new ReplicationInput.Started());
    }

    private void Fail(object? request)
    {
        if (request is ShardRequest { Completed: { } completed })
        {
            Tell(ActorName.Caller, () => completed(null));
        }
        else if (request is SubscribeRequest(var subscriber))
        {
            Tell(ActorName.Caller, subscriber.Failed);
        }
    }

    private void Handle(ReplicationInput input)
    {
        Core.Handle(input, Node.Clock.Now, _effects);
        foreach (var effect in _effects)
        {
            NoteTruth(effect);
        }

        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
    }

    // Before anything is carried out: what the turn shows to readers is measured by it.
    private void NoteTruth(ReplicationEffect effect)
    {
        switch (effect)
        {
            case ReplicationEffect.OwnEnded(var id):
                Node.Cluster.Truth.Ended(Node, id);
                break;
            case ReplicationEffect.Written written when _pending[written.Token] is ShardRequest request:
                for (var i = 0; i < written.Results.Length; i++)
                {
                    Node.Cluster.Truth.Written(Node, request.Operations[i], written.Results[i]);
                }

                break;
            default:
                break;
        }
    }

    private void Carry(ReplicationEffect effect)
    {
        switch (effect)
        {
            case ReplicationEffect.Publish(var turn):
                Publish(turn);
                break;
            case ReplicationEffect.PublishContext(var replica, var context):
                View.PublishContext(replica, context);
                break;
            case ReplicationEffect.ForgetContext(var replica):
                View.ForgetContext(replica);
                break;
            case ReplicationEffect.TellGossip(var input):
                Node.Cluster.Check(checker => checker.ShardReported(Node, _shard, input));
                Tell(ActorName.Heartbeat, input);
                break;
            case ReplicationEffect.Written written:
                Complete(written);
                break;
            case ReplicationEffect.OwnEnded(var id):
                Tell(ActorName.OwnerWatch, new OwnerMessage.Untracked(id));
                break;
            case ReplicationEffect.RepeatEnds(var holder, var ends):
                Node.Cluster.Marks.Add("ends of leases repeated");
                Tell(ActorName.Leases, new LeaseInput.RepeatEnds(holder, ends));
                break;
            case ReplicationEffect.ReportEndsForgotten:
                Node.Cluster.Marks.Add("ends of leases forgotten");
                break;
            case ReplicationEffect.ReportDots(var verdict, _):
                Node.Cluster.Marks.Add($"dots {verdict}");
                break;
            case ReplicationEffect.ScheduleTimer(var timer, var after) when after <= TimeSpan.Zero:
                Tell(Name, new ReplicationInput.TimerFired(timer));
                break;
            case ReplicationEffect.ScheduleTimer(var timer, var after):
                var life = _life;
                Node.Schedule(Name, after, new ReplicationInput.TimerFired(timer), () => life == _life);
                break;
            case ReplicationEffect.RequestReplay(var epoch):
                Tell(ActorName.OwnerWatch, new OwnerMessage.ReplayRequested(_shard, epoch));
                break;
            case ReplicationEffect.RequestIntroduction:
                Tell(ActorName.Supervisor, new SimulatedSupervisor.IntroductionRequested(_shard));
                break;
            case ReplicationEffect.AnnounceEpoch:
                Tell(ActorName.Supervisor, effect);
                break;
            default:
                throw new InvalidOperationException($"{effect.GetType().Name} is no effect that this shell knows");
        }
    }

    private void Publish(Turn turn)
    {
        // After a crash the first turn that is published exchanges what the epoch before had published for what is.
        var isRelease = !_hasReleased;
        _hasReleased = true;
        foreach (var change in turn.Diffs.SelectMany(diff => diff.Events))
        {
            Node.Cluster.Marks.Add(change.Kind == PresenceEventKind.Left ? $"left: {change.Reason}" : $"event: {change.Kind}");
        }

        if (isRelease)
        {
            Node.Cluster.Marks.Add("epoch rebuilt");
        }

        Node.Cluster.Check(checker => checker.Published(Node, _shard, View, turn, isRelease));
        View.Publish(turn);
        Tell(ActorName.Publisher, turn);
    }

    private void Complete(ReplicationEffect.Written written)
    {
        _pending.Remove(written.Token, out var pending);
        if (pending is SubscribeRequest(var subscriber))
        {
            Tell(ActorName.Publisher, new SimulatedPublisher.Subscribed(subscriber, View.Topic(subscriber.Topic)));
            return;
        }

        var request = (ShardRequest)pending!;
        for (var i = 0; i < written.Results.Length; i++)
        {
            TellOwnerWatch(request.Operations[i], request.Owner, written.Results[i]);
        }

        if (request.Completed is { } completed)
        {
            Tell(ActorName.Caller, () => completed(written.Results));
        }
    }

    private void TellOwnerWatch(WriteOperation operation, SimulatedOwner? owner, WriteResult result)
    {
        switch (operation)
        {
            case WriteOperation.Track or WriteOperation.Renew when result.Presence is { } presence:
                Tell(ActorName.OwnerWatch, new OwnerMessage.Tracked(owner!, presence, result.Renewal));
                break;
            case WriteOperation.Update when result.Result.Status == TrackStatus.Updated:
                Tell(ActorName.OwnerWatch, new OwnerMessage.Updated(result.Presence!));
                break;
            case WriteOperation.Untrack or WriteOperation.EndLease:
            case WriteOperation.Disconnect or WriteOperation.Expire or WriteOperation.EndLeaseAgain when result.Presence is null:
                Tell(ActorName.OwnerWatch, new OwnerMessage.Untracked(operation.Id));
                break;
            default:
                break;
        }
    }

    private void Tell(ActorName to, Action call) => Node.Tell(to, call);
}
