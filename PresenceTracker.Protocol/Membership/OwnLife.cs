using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>This node itself: its identity, refutation and epochs, and how often another process has made it raise its counter.</summary>
internal sealed class OwnLife
{
    // A dead life cannot answer a raise with a higher counter; whoever does so again and again within a minute is alive at our address.
    private const int ForcedRaisesMax = 3;

    private const int RememberedRaisesMax = 32;
    private static readonly TimeSpan ForcedRaisesWindow = TimeSpan.FromMinutes(1);

    private readonly EpochMap _epochs = new([]);
    private readonly Queue<(ulong ProcessId, MonotonicTime At)> _forcedRaises = [];

    public OwnLife(NodeId self)
    {
        // Refutations start at 1, so that a removal notice at 0 can say "superseded by that life" without saying "that life is removed".
        Record = new NodeRecord(self, 1, []);
    }

    public NodeRecord Record { get; private set; }

    public NodeId Node => Record.Node;

    public string Address => Record.Node.Address;

    /// <summary>Whether the shards may already have used the identity.</summary>
    public bool IsAnnounceable { get; private set; }

    public void BecomeAnnounceable() => IsAnnounceable = true;

    public void RaiseCounterAbove(ulong counter) =>
        Record = Record with { Node = Node with { Incarnation = Node.Incarnation with { Counter = counter + 1 } } };

    public void RefuteAbove(ulong refutation) => Record = Record with { Refutation = refutation + 1 };

    public bool RaiseEpoch(ShardEpoch epoch)
    {
        if (!_epochs.Raise(epoch)) return false;
        Record = Record with { Epochs = _epochs.ToImmutable() };
        return true;
    }

    /// <summary>Counts one raise that the process forces on us, and tells whether that was one too many.</summary>
    public bool IsForcedTooOften(ulong processId, MonotonicTime now)
    {
        while (_forcedRaises.TryPeek(out var oldest)
            && (now - oldest.At > ForcedRaisesWindow || _forcedRaises.Count >= RememberedRaisesMax))
        {
            _forcedRaises.Dequeue();
        }

        _forcedRaises.Enqueue((processId, now));
        return _forcedRaises.Count(raise => raise.ProcessId == processId) >= ForcedRaisesMax;
    }
}
