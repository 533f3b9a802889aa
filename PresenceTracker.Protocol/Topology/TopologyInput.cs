using System.Collections.Immutable;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Protocol.Topology;

/// <summary>All that can happen to the topology core. Closed.</summary>
public abstract record TopologyInput
{
    private TopologyInput()
    {
    }

    /// <summary>What the membership core has decided about a node. What does not concern who lives, or what it holds, is ignored.</summary>
    public sealed record FromMembership(MembershipEffect Effect) : TopologyInput;

    /// <summary>A connection to the node that advertises that address was refused or has closed.</summary>
    public sealed record PeerUnreachable(string Address) : TopologyInput;

    /// <summary>Send this to every node; it is not delivered here. To be asked only while <see cref="TopologyEffect.LinksChanged"/> has named neighbours.</summary>
    public sealed record Publish(ImmutableArray<byte> Payload) : TopologyInput;

    /// <summary>A message of another node's overlay core.</summary>
    public sealed record OverlayReceived(NodeId From, OverlayMessage Message) : TopologyInput;

    /// <summary>A message of another node's broadcast core.</summary>
    public sealed record BroadcastReceived(NodeId From, BroadcastMessage Message) : TopologyInput;

    /// <summary>A timer of <see cref="TopologyEffect.ScheduleTimer"/> is due.</summary>
    public sealed record TimerFired(TopologyTimer Timer) : TopologyInput;
}
