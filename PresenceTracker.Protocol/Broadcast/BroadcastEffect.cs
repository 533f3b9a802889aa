using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>All that the broadcast core asks of its shell. Closed.</summary>
public abstract record BroadcastEffect
{
    private BroadcastEffect()
    {
    }

    /// <summary>Send to the broadcast core of that node. It may be lost.</summary>
    public sealed record SendMessage(NodeId To, BroadcastMessage Message) : BroadcastEffect;

    /// <summary>Give the timer back as <see cref="BroadcastInput.TimerFired"/>. Never cancelled: a stale token is ignored.</summary>
    public sealed record ScheduleTimer(BroadcastTimer Timer, TimeSpan After) : BroadcastEffect;

    /// <summary>
    /// A broadcast of another node. Each is delivered once, as long as what <see cref="BroadcastOptions.OriginsMax"/> and the window of sequences
    /// remember suffices; in no order.
    /// </summary>
    /// <param name="From">Who passed it on to this node.</param>
    /// <param name="Hops">How many nodes it has passed on its way here, its origin included.</param>
    public sealed record Deliver(BroadcastId Id, NodeId From, int Hops, ImmutableArray<byte> Payload) : BroadcastEffect;

    /// <summary>A peer sent what no correct peer would, or was no neighbour (any more): to be counted.</summary>
    public sealed record ReportViolation(BroadcastViolation Violation, NodeId From) : BroadcastEffect;
}
