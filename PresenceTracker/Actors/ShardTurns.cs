using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Actors;

/// <summary>Ends each turn of a shard: publishes what it changed, sends on what peers must hear, and sees to what is due later.</summary>
/// <param name="schedule">Has the shard told that message after that time; equal messages share one timer.</param>
internal sealed class ShardTurns(
    PresenceSet set,
    ReaderPublication publication,
    ShardWrites writes,
    ReplicaReporter reporter,
    ShardFlush flush,
    Action<TimeSpan, ShardMessage> schedule)
{
    private ulong _replicasReported;
    private bool _isWalkDue;
    private MonotonicTime? _holdDue;

    public void Complete(MonotonicTime now)
    {
        var turn = set.CompleteTurn();
        publication.Publish(turn);
        writes.Ended(turn);
        if (set.ReplicasVersion != _replicasReported)
        {
            _replicasReported = set.ReplicasVersion;
            reporter.ReportAll();
        }

        flush.TurnCompleted();
        if (set.HasWalks && !_isWalkDue)
        {
            _isWalkDue = true;
            schedule(TimeSpan.Zero, new ShardMessage.WalkDue());
        }

        if (set.NextHoldDeadline is { } deadline && (_holdDue is null || deadline < _holdDue))
        {
            _holdDue = deadline;
            schedule(deadline - now, new ShardMessage.HoldDue());
        }
    }

    public void Walk(MonotonicTime now)
    {
        _isWalkDue = false;
        set.RunWalks(now);
        Complete(now);
    }

    public void ExpireHolds(MonotonicTime now)
    {
        _holdDue = null;
        set.ExpireHolds(now);
        Complete(now);
    }
}
