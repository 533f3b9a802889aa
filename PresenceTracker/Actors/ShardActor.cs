using Akka.Actor;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Actors;

/// <summary>
/// The shell of one shard's presence set: hands it what arrives, publishes what changed, and carries messages between it and the gossip.
/// A crash ends the epoch; the supervisor starts the next one, and this actor's successor rebuilds from the owner watch and the peers.
/// </summary>
internal sealed class ShardActor : ReceiveActor, IWithTimers
{
    // A node that returns is shown once it has caught up to its own first digest, at the latest after this.
    private static readonly TimeSpan ShowReturnedAfter = TimeSpan.FromSeconds(1);

    // How long readers keep what a crashed epoch had published while the next one catches up.
    private static readonly TimeSpan RebuildMax = TimeSpan.FromSeconds(2);

    private readonly ShardPeers _peers;
    private readonly PresenceSet _set;
    private readonly ShardWrites _writes;
    private readonly ReplicaReporter _reporter;
    private readonly ShardFlush _flush;
    private readonly ShardTurns _turns;
    private readonly ShardGossip _gossip;
    private readonly ShardRebuild _rebuild;
    private object? _inHand;
    private Exception? _crash;

    public ShardActor(NodeRuntime runtime, int shard, ShardIdentity identity, ShardPeers peers)
    {
        _peers = peers;
        var view = runtime.Views[shard];
        _set = new PresenceSet(
            identity.BeginEpoch(), new PresenceSetOptions { OperationLogBytesMax = runtime.Settings.OperationLogBytesMax }, view.Version);
        var publication = new ReaderPublication(_set, view, peers.Publisher);
        _reporter = new ReplicaReporter(_set, view, peers.Heartbeat);
        _writes = new ShardWrites(runtime, _set, view, peers);
        _flush = new ShardFlush(
            _set, _reporter, peers.Heartbeat, () => Schedule(runtime.Settings.FlushWindow, new ShardMessage.FlushDue()));
        _turns = new ShardTurns(_set, publication, _writes, _reporter, _flush, Schedule);
        _gossip = new ShardGossip(_set, _reporter, peers, CompleteTurn);
        _rebuild = new ShardRebuild(_set, view, publication);
        ReceiveCommands();
        ReceiveGossip();
        ReceiveMembership();
        ReceiveDueWork();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private MonotonicTime Now => new(Context.System.Scheduler.MonotonicClock.Ticks);

    protected override void PreStart()
    {
        if (_set.Self.Epoch > 0)
        {
            _rebuild.Start();
            Context.Parent.Tell(new ShardMessage.Restarted());
            _peers.OwnerWatch.Tell(new OwnerMessage.ReplayRequested(_set.Self.Shard));
        }

        _reporter.ReportAll();
    }

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
        foreach (var lost in _rebuild.Waiting.Prepend(_inHand))
        {
            LostMessage.Settle(lost, _set.Self.Shard, _crash, _peers.Heartbeat);
        }

        _reporter.Withdraw();
    }

    protected override bool AroundReceive(Receive receive, object message)
    {
        _inHand = message;
        var isHandled = base.AroundReceive(receive, message);
        _inHand = null;
        return isHandled;
    }

    private void ReceiveCommands()
    {
        Receive<ShardCommand>(_rebuild.Wait, _ => !_rebuild.IsOver);
        Receive<ShardCommand>(Handle);
        Receive<ReplayBatch>(batch =>
        {
            _writes.Replay(batch, Now);
            CompleteTurn();
            if (batch.IsLast)
            {
                Context.Parent.Tell(new ShardMessage.EpochCompleted(new ShardEpoch(_set.Self.Shard, _set.Self.Epoch, _set.Context)));
                _rebuild.Replayed();
                Schedule(RebuildMax, new ShardMessage.RebuildDue());
                TryFinishRebuild();
            }
        });
        Receive<ShardMessage.Introduced>(_ =>
        {
            _rebuild.Introduced();
            TryFinishRebuild();
        });
    }

    private void Handle(ShardCommand command)
    {
        _inHand = command;
        var complete = _writes.Handle(command, Now);
        CompleteTurn();
        complete?.Invoke();
    }

    private void TryFinishRebuild(bool isDue = false)
    {
        if (isDue || _rebuild.IsComplete)
        {
            _rebuild.Finish();
        }

        while (_rebuild.TryTake(out var command))
        {
            Handle(command);
        }
    }

    private void ReceiveGossip()
    {
        Receive<GossipEffect.DeliverDots>(delivery =>
        {
            _gossip.Deliver(delivery);
            TryFinishRebuild();
        });
        Receive<GossipEffect.ServePull>(_gossip.Serve);
        Receive<GossipEffect.ShowTarget>(_gossip.Show);
    }

    private void ReceiveMembership()
    {
        ReceiveNode<MembershipEffect.NodeUp>(up => _set.NodeUp(up.Node));
        ReceiveNode<MembershipEffect.NodeDown>(down => _set.NodeDown(down.Node, Now));
        ReceiveNode<MembershipEffect.NodeReturned>(returned =>
        {
            _set.NodeReturned(returned.Node);
            Schedule(ShowReturnedAfter, new ShardMessage.ShowDue(returned.Node.Node));
        });
        ReceiveNode<MembershipEffect.NodeRemoved>(removed => _set.NodeRemoved(removed.Node, removed.Reason, Now));
        ReceiveNode<MembershipEffect.NodeRenamed>(renamed => _set.NodeRenamed(renamed.Old, renamed.Node));
        ReceiveNode<MembershipEffect.EpochRaised>(raised => _set.EpochRaised(raised.Node, raised.Epoch));
        Receive<MembershipEffect>(_ => { });
    }

    private void ReceiveDueWork()
    {
        Receive<ShardMessage.FlushDue>(_ => _flush.WindowOver());
        Receive<ShardMessage.WalkDue>(_ => _turns.Walk(Now));
        Receive<ShardMessage.HoldDue>(_ => _turns.ExpireHolds(Now));
        Receive<ShardMessage.ShowDue>(show =>
        {
            _set.ShowReturned(show.Node);
            CompleteTurn();
        });
        Receive<ShardMessage.RebuildDue>(_ => TryFinishRebuild(isDue: true));
    }

    private void ReceiveNode<TEffect>(Action<TEffect> handle) => Receive<TEffect>(effect =>
    {
        handle(effect);
        CompleteTurn();
    });

    private void CompleteTurn() => _turns.Complete(Now);

    // At once means by the mailbox: whatever came before is handled before. Equal messages share one timer: the later call moves it.
    private void Schedule(TimeSpan after, ShardMessage message)
    {
        if (after <= TimeSpan.Zero)
        {
            Self.Tell(message);
            return;
        }

        Timers.StartSingleTimer(message, message, after);
    }
}
