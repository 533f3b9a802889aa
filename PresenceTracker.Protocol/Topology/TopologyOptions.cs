using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Protocol.Topology;

/// <summary>When nodes speak to their neighbours only, and the figures of what they do then.</summary>
public sealed record TopologyOptions
{
    /// <summary>
    /// With more nodes than that a node takes part in the overlay; with fewer than four fifths of it, it speaks to all again. At least 2. Default 50
    /// (our choice): so many connections and messages for each change cost a node little, and a change takes one hop.
    /// </summary>
    public int FullMeshLimit { get; init; } = 50;

    /// <summary>
    /// How long a node must have had neighbours before it speaks to them alone. Default 2 s (our choice): until then others have learnt of as many
    /// nodes, and have neighbours too. Who has not is told by the digests.
    /// </summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a node that speaks to all again still passes on the broadcasts of those that do not yet. Default 1 min (our choice): far longer than
    /// word of a leave takes.
    /// </summary>
    public TimeSpan LeaveAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>HyParView's.</summary>
    public OverlayOptions Overlay { get; init; } = new();

    /// <summary>Plumtree's.</summary>
    public BroadcastOptions Broadcast { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">Names the first option that is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(FullMeshLimit, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(SettleTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaveAfter, TimeSpan.Zero);
    }

    /// <summary>Whether so many nodes, this one among them, are too many for each to speak to all.</summary>
    internal bool IsBeyond(int nodes) => nodes > FullMeshLimit;

    /// <summary>Whether so many nodes are few enough to leave the overlay. Between the two a node stays as it is, lest a restart switches all twice.</summary>
    internal bool IsWithin(int nodes) => nodes * 5 < FullMeshLimit * 4;
}
