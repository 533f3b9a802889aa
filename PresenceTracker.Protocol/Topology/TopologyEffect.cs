using System.Collections.Immutable;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Protocol.Topology;

/// <summary>All that the topology core asks of its shell. Closed.</summary>
public abstract record TopologyEffect
{
    private TopologyEffect()
    {
    }

    /// <summary>Send to the topology core of that node. Messages to one node must stay in order, those of broadcasts among them; they may be lost.</summary>
    public sealed record SendOverlay(NodeId To, OverlayMessage Message) : TopologyEffect;

    /// <summary>As <see cref="SendOverlay"/>.</summary>
    public sealed record SendBroadcast(NodeId To, BroadcastMessage Message) : TopologyEffect;

    /// <summary>Give the timer back as <see cref="TopologyInput.TimerFired"/>. Never cancelled: a stale one is recognised.</summary>
    public sealed record ScheduleTimer(TopologyTimer Timer, TimeSpan After) : TopologyEffect;

    /// <summary>A broadcast of another node, which has come from a neighbour. Each is delivered once; in no order.</summary>
    public sealed record Deliver(NodeId Origin, NodeId Via, ImmutableArray<byte> Payload) : TopologyEffect;

    /// <summary>Gossip and membership shall speak to these neighbours only, by rising address, and publish what all must hear; or to all again.</summary>
    /// <param name="Neighbors">Null for all. Never empty.</param>
    public sealed record LinksChanged(ImmutableArray<NodeId>? Neighbors) : TopologyEffect;

    /// <summary>A peer sent what no correct peer would, or what came too late: to be counted. Nothing else changed.</summary>
    public sealed record ReportOverlay(OverlayViolation Violation, NodeId From) : TopologyEffect;

    /// <summary>As <see cref="ReportOverlay"/>.</summary>
    public sealed record ReportBroadcast(BroadcastViolation Violation, NodeId From) : TopologyEffect;
}
