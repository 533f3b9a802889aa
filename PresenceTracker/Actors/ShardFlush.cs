using Akka.Actor;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Actors;

/// <summary>
/// When own operations leave the shard: the first at once, then one batch at most per flush window, so that a burst becomes a few messages
/// and a single change never waits.
/// </summary>
internal sealed class ShardFlush(PresenceSet set, ReplicaReporter reporter, IActorRef heartbeat, Action startWindow)
{
    private ulong _flushedTo;
    private bool _isWindowOpen;

    /// <summary>After each turn.</summary>
    public void TurnCompleted()
    {
        if (_isWindowOpen || set.Context == _flushedTo)
        {
            return;
        }

        Flush();
        _isWindowOpen = true;
        startWindow();
    }

    public void WindowOver()
    {
        _isWindowOpen = false;
        TurnCompleted();
    }

    private void Flush()
    {
        var deltas = set.OwnOperationsAfter(_flushedTo);
        _flushedTo = set.Context;
        reporter.Report(set.Self);

        // Empty when more was written in one window than the log holds: the digests bring it.
        if (!deltas.IsEmpty)
        {
            heartbeat.Tell(new GossipInput.LocalChange(deltas));
        }
    }
}
