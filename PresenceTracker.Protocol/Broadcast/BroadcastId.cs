using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>Names one broadcast.</summary>
/// <param name="Origin">Who sent it first. A restarted node is another origin.</param>
/// <param name="Sequence">Counts the origin's broadcasts, from 1.</param>
public readonly record struct BroadcastId(NodeId Origin, ulong Sequence) : IComparable<BroadcastId>
{
    public int CompareTo(BroadcastId other)
    {
        var byOrigin = Origin.CompareTo(other.Origin);
        return byOrigin != 0 ? byOrigin : Sequence.CompareTo(other.Sequence);
    }

    public override string ToString() => $"{Origin}/{Sequence}";
}
