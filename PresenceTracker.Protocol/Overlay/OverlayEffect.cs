using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>All that the overlay core asks of its shell. Closed.</summary>
public abstract record OverlayEffect
{
    private OverlayEffect()
    {
    }

    /// <summary>
    /// Send to the overlay core of that node. Messages to one node must stay in order; they may be lost. A connection that cannot be opened
    /// is told as <see cref="OverlayInput.PeerLost"/>, if it is noticed.
    /// </summary>
    public sealed record SendMessage(NodeId To, OverlayMessage Message) : OverlayEffect;

    /// <summary>Give the timer back as <see cref="OverlayInput.TimerFired"/>. Never cancelled: a stale token is ignored.</summary>
    public sealed record ScheduleTimer(OverlayTimer Timer, TimeSpan After) : OverlayEffect;

    /// <summary>The node is a neighbour from now on: it is probed, and broadcasts go to it.</summary>
    public sealed record NeighborUp(NodeId Peer) : OverlayEffect;

    /// <summary>The node is no neighbour any more, which says nothing about its life.</summary>
    public sealed record NeighborDown(NodeId Peer) : OverlayEffect;

    /// <summary>
    /// This node has too few neighbours, or none, and remembers nobody to ask: <see cref="OverlayInput.JoinVia"/> any node that is no neighbour, if
    /// there is one. Repeated with each <see cref="OverlayOptions.ShufflePeriod"/> in which that is so.
    /// </summary>
    public sealed record ContactWanted : OverlayEffect;

    /// <summary>A peer sent what no correct peer would, or what came too late: to be counted. Nothing else changed.</summary>
    public sealed record ReportViolation(OverlayViolation Violation, NodeId From) : OverlayEffect;
}
