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
    // DESIGN: at most four parts of an answer under way.
    private const int PullPartsMax = 4;

    // A node that returns is shown once it has caught up to its own first digest, at the latest after this.
    private static readonly TimeSpan ShowReturnedAfter = TimeSpan.FromSeconds(1);

    // How long readers keep what a crashed epoch had published while the next one catches up.
    private static readonly TimeSpan RebuildMax = TimeSpan.FromSeconds(2);

    private readonly ShardPeers _peers;
    private readonly PresenceSet _set;
    private readonly ShardWrites _writes;
    private readonly ReaderPublication _publication;
    private readonly ReplicaReporter _reporter;
    private readonly ShardFlush _flush;
    private ulong _replicasReported;
    private bool _isWalkDue;
    private MonotonicTime? _holdDue;

    public ShardActor(NodeRuntime runtime, int shard, ShardIdentity identity, ShardPeers peers)
    {
        _peers = peers;
        var view = runtime.Views[shard];
        _set = new PresenceSet(
            identity.BeginEpoch(), new PresenceSetOptions { OperationLogBytesMax = runtime.Settings.OperationLogBytesMax }, view.Version);
        _publication = new ReaderPublication(_set, view, peers.Publisher);
        _reporter = new ReplicaReporter(_set, view, peers.Heartbeat);
        _writes = new ShardWrites(runtime, _set, view, peers);
        _flush = new ShardFlush(
            _set, _reporter, peers.Heartbeat, () => Schedule(runtime.Settings.FlushWindow, new ShardMessage.FlushDue()));
        ReceiveCommands();
        ReceiveGossip();
        ReceiveMembership();
        ReceiveDueWork();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private MonotonicTime Now => new(Context.System.Scheduler.MonotonicClock.Ticks);

    protected override void PreStart()
    {
        Context.Parent.Tell(new ShardMessage.Started(_set.Self.Epoch));
        _reporter.ReportAll();
        if (_set.Self.Epoch == 0)
        {
            return;
        }

        _publication.StartRebuild();
        _peers.OwnerWatch.Tell(new OwnerMessage.ReplayRequested(_set.Self.Shard));
    }

    // The successor starts by PreStart; children there are none.
    protected override void PostRestart(Exception reason) => PreStart();

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is ShardCommand command)
        {
            command.Fail(ShardCommand.Crashed(_set.Self.Shard, reason));
        }

        base.PreRestart(reason, message);
    }

    private void ReceiveCommands()
    {
        Receive<ShardCommand>(command =>
        {
            var complete = _writes.Handle(command, Now);
            CompleteTurn();
            complete?.Invoke();
        });
        Receive<ReplayBatch>(batch =>
        {
            _writes.Replay(batch, Now);
            CompleteTurn();
            if (batch.IsLast)
            {
                Context.Parent.Tell(new ShardMessage.EpochCompleted(new ShardEpoch(_set.Self.Shard, _set.Self.Epoch, _set.Context)));
                _publication.Replayed();
                Schedule(RebuildMax, new ShardMessage.RebuildDue());
            }
        });
    }

    private void ReceiveGossip()
    {
        Receive<GossipEffect.DeliverDots>(Deliver);
        Receive<GossipEffect.ServePull>(pull => _peers.Heartbeat.Tell(
            new GossipInput.PullServed(pull.To, pull.Token, pull.Replica, _set.Serve(pull.Replica, pull.Position, PullPartsMax))));
        Receive<GossipEffect.ShowTarget>(target =>
        {
            foreach (var (replica, context) in target.Contexts.Where(entry => entry.Replica.Shard == _set.Self.Shard))
            {
                _set.ShowOnceAt(replica, context);
            }

            CompleteTurn();
        });
    }

    private void Deliver(GossipEffect.DeliverDots delivery)
    {
        var verdict = _set.Apply(delivery.Dots);
        CompleteTurn();
        if (verdict is ApplyVerdict.Applied or ApplyVerdict.Incomplete)
        {
            _reporter.Report(delivery.Dots.Replica);
            _publication.FinishRebuildIfCaughtUp();
        }

        _peers.Metrics.DotsDelivered(verdict, delivery.Dots.Entries.Length);
        if (delivery.PushNumber == 0)
        {
            return;
        }

        if (verdict == ApplyVerdict.Incomplete)
        {
            _peers.Heartbeat.Tell(new GossipInput.GapFound(delivery.Dots.Replica, delivery.From));
        }

        _peers.Heartbeat.Tell(new GossipInput.PushHandled(delivery.From, delivery.PushNumber));
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
    }

    private void ReceiveDueWork()
    {
        Receive<ShardMessage.FlushDue>(_ => _flush.WindowOver());
        Receive<ShardMessage.WalkDue>(_ =>
        {
            _isWalkDue = false;
            _set.RunWalks(Now);
            CompleteTurn();
        });
        Receive<ShardMessage.HoldDue>(_ =>
        {
            _holdDue = null;
            _set.ExpireHolds(Now);
            CompleteTurn();
        });
        Receive<ShardMessage.ShowDue>(show =>
        {
            _set.ShowReturned(show.Node);
            CompleteTurn();
        });
        Receive<ShardMessage.RebuildDue>(_ => _publication.FinishRebuild());
    }

    private void ReceiveNode<TEffect>(Action<TEffect> handle) => Receive<TEffect>(effect =>
    {
        handle(effect);
        CompleteTurn();
    });

    /// <summary>Publishes what the message changed, sends on what peers must hear, and sees to what is due later.</summary>
    private void CompleteTurn()
    {
        var turn = _set.CompleteTurn();
        _publication.Publish(turn);
        _writes.Ended(turn);
        if (_set.ReplicasVersion != _replicasReported)
        {
            _replicasReported = _set.ReplicasVersion;
            _reporter.ReportAll();
        }

        _flush.TurnCompleted();
        if (_set.HasWalks && !_isWalkDue)
        {
            _isWalkDue = true;
            Self.Tell(new ShardMessage.WalkDue());
        }

        if (_set.NextHoldDeadline is { } deadline && (_holdDue is null || deadline < _holdDue))
        {
            _holdDue = deadline;
            Schedule(deadline - Now, new ShardMessage.HoldDue());
        }
    }

    // Equal messages share one timer: the later call moves it.
    private void Schedule(TimeSpan after, ShardMessage message) =>
        Timers.StartSingleTimer(message, message, after < TimeSpan.Zero ? TimeSpan.Zero : after);
}
