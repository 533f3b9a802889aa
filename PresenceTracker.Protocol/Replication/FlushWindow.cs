using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// When own operations leave the shard: the first at once, then one batch at most per flush window, so that a burst becomes a few messages
/// and a single change never waits.
/// </summary>
internal sealed class FlushWindow(PresenceSet set, ReplicaReports reports, TimeSpan length, TokenSource tokens)
{
    private ulong _flushedTo;
    private ulong? _open;

    /// <summary>After each turn.</summary>
    public void TurnCompleted(List<ReplicationEffect> effects)
    {
        if (_open is not null || set.Context == _flushedTo)
        {
            return;
        }

        Flush(effects);
        _open = tokens.Next();
        effects.Add(new ReplicationEffect.ScheduleTimer(new ReplicationTimer.FlushDue(_open.Value), length));
    }

    public void TimerFired(ulong token, List<ReplicationEffect> effects)
    {
        if (token == _open)
        {
            _open = null;
            TurnCompleted(effects);
        }
    }

    private void Flush(List<ReplicationEffect> effects)
    {
        var deltas = set.OwnOperationsAfter(_flushedTo);
        _flushedTo = set.Context;
        reports.Report(set.Self, effects);

        // Empty when more was written in one window than the log holds: the digests bring it.
        if (!deltas.IsEmpty)
        {
            effects.Add(new ReplicationEffect.TellGossip(new GossipInput.LocalChange(deltas)));
        }
    }
}
