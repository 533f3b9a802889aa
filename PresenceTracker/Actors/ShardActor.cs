using Akka.Actor;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Reading;

namespace PresenceTracker.Actors;

/// <summary>
/// The shell of one shard's replication core: hands it what arrives, publishes what it says for readers, and carries messages between it and
/// the others. A crash ends the epoch; the supervisor starts the next one, which rebuilds from the owner watch and the peers.
/// </summary>
internal sealed class ShardActor : ReceiveActor, IWithTimers
{
    private readonly NodeRuntime _runtime;
    private readonly ShardPeers _peers;
    private readonly ShardView _view;
    private readonly ReplicationOptions _options;
    private readonly ReplicationCore _core;
    private readonly ShardRequests _requests;
    private readonly List<ReplicationEffect> _effects = [];
    private object? _inHand;
    private Exception? _crash;

    public ShardActor(NodeRuntime runtime, int shard, ShardIdentity identity, ShardPeers peers)
    {
        _runtime = runtime;
        _peers = peers;
        _view = runtime.Views[shard];
        _options = new ReplicationOptions
        {
            Set = new PresenceSetOptions
            {
                ShardCount = runtime.Settings.ShardCount,
                OperationLogBytesMax = runtime.Settings.OperationLogBytesMax,
            },
            FlushWindow = runtime.Settings.FlushWindow,
        };
        _core = new ReplicationCore(_options, identity.BeginEpoch(), _view.Published);
        _requests = new ShardRequests(runtime, _view, peers);
        Receive<ShardCommand>(command => Handle(_requests.Begin(command)));
        Receive<ReplicationInput>(Handle);
        Receive<GossipEffect>(effect => Handle(new ReplicationInput.FromGossip(effect)));
        Receive<MembershipEffect>(effect => Handle(new ReplicationInput.FromMembership(effect)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Handle(new ReplicationInput.Started());

    // The successor starts by PreStart; children there are none.
    protected override void PostRestart(Exception reason) => PreStart();

    protected override void PreRestart(Exception reason, object message)
    {
        _crash = reason;
        base.PreRestart(reason, message);
    }

    /// <summary>The epoch is over, by a crash or for good.</summary>
    protected override void PostStop()
    {
        LostMessage.Settle(_inHand, _core.Self.Shard, _crash, _peers.Heartbeat);
        _requests.Fail(_core.Self.Shard, _crash);
        _effects.Clear();
        Handle(new ReplicationInput.Ended());
    }

    protected override bool AroundReceive(Receive receive, object message)
    {
        _inHand = message;
        var isHandled = base.AroundReceive(receive, message);
        _inHand = null;
        return isHandled;
    }

    private void Handle(ReplicationInput input)
    {
        _core.Handle(input, new MonotonicTime(Context.System.Scheduler.MonotonicClock.Ticks), _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
    }

    private void Carry(ReplicationEffect effect)
    {
        switch (effect)
        {
            case ReplicationEffect.Publish(var turn):
                // First the views, so that whoever hears of a change can read it.
                _view.Publish(turn);
                _peers.Publisher.Tell(new DiffPublisher.ShardTurn(_core.Self.Shard, turn));
                break;
            case ReplicationEffect.PublishContext(var replica, var context):
                _view.PublishContext(replica, context);
                break;
            case ReplicationEffect.ForgetContext(var replica):
                _view.ForgetContext(replica);
                break;
            case ReplicationEffect.TellGossip(var input):
                _peers.Heartbeat.Tell(input);
                break;
            case ReplicationEffect.Written written:
                _requests.Complete(written);
                break;
            case ReplicationEffect.WriteRefused(var token):
                _requests.Refuse(token, _options.WaitingOperationsMax);
                break;
            case ReplicationEffect.OwnEnded(var id):
                _requests.Ended(id);
                break;
            case ReplicationEffect.RepeatEnds(var holder, var ends):
                _runtime.Leases.Tell(new LeaseInput.RepeatEnds(holder, ends));
                break;
            case ReplicationEffect.ReportEndsForgotten(var count):
                _peers.Metrics.LeaseEndsForgotten(count);
                break;
            case ReplicationEffect.ReportDots(var verdict, var entryCount):
                _peers.Metrics.DotsDelivered(verdict, entryCount);
                break;
            case ReplicationEffect.ScheduleTimer(var timer, var after) when after <= TimeSpan.Zero:
                Self.Tell(new ReplicationInput.TimerFired(timer));
                break;
            case ReplicationEffect.ScheduleTimer(var timer, var after):
                Timers.StartSingleTimer(timer, new ReplicationInput.TimerFired(timer), after);
                break;
            case ReplicationEffect.RequestReplay(var epoch):
                _peers.OwnerWatch.Tell(new OwnerMessage.ReplayRequested(_core.Self.Shard, epoch));
                break;
            case ReplicationEffect.RequestIntroduction or ReplicationEffect.AnnounceEpoch:
                Context.Parent.Tell(effect);
                break;
            default:
                throw new InvalidOperationException($"{effect.GetType().Name} is no effect that this shell knows");
        }
    }
}
