using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Protocol.Topology;

/// <summary>A timer as a value: the shell hands it back unchanged.</summary>
public abstract record TopologyTimer
{
    private TopologyTimer()
    {
    }

    /// <summary>A timer of the overlay core.</summary>
    /// <param name="Counter">Of the incarnation whose core asked for it.</param>
    public sealed record OfOverlay(ulong Counter, OverlayTimer Timer) : TopologyTimer;

    /// <summary>As <see cref="OfOverlay"/>, of the broadcast core.</summary>
    public sealed record OfBroadcast(ulong Counter, BroadcastTimer Timer) : TopologyTimer;

    /// <summary>The node has had neighbours for long enough, if it has had some all the time.</summary>
    public sealed record SettleDue(ulong Token) : TopologyTimer;

    /// <summary>The node has spoken to all for long enough, if it has done so all the time.</summary>
    public sealed record LeaveDue(ulong Token) : TopologyTimer;
}
