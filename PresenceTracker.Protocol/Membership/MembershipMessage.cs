using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What monitors of different nodes say to each other. Closed: the wire knows exactly these.</summary>
public abstract record MembershipMessage
{
    private MembershipMessage()
    {
    }

    /// <summary>The first message between two nodes: who I am, and what must agree between us.</summary>
    /// <param name="Target">The address that was dialled, so that the answer can be matched to it.</param>
    public sealed record Hello(NodeRecord Self, string Target, uint ProtocolVersion, string ClusterName, int ShardCount)
        : MembershipMessage;

    /// <summary>The answer to a <see cref="Hello"/> that fits.</summary>
    /// <param name="Self">Who answers.</param>
    /// <param name="Target">The target of the hello; the sender may advertise another spelling of its address.</param>
    /// <param name="Members">Every other node that the sender has not removed, so that the joiner can greet each.</param>
    /// <param name="KnownCounter">
    /// The counter that the joiner must be above, because the sender knows a later life at the joiner's address; 0 if it knows none.
    /// </param>
    public sealed record Welcome(NodeRecord Self, string Target, ImmutableArray<NodeId> Members, ulong KnownCounter) : MembershipMessage;

    /// <summary>The answer to a <see cref="Hello"/> that does not fit: the joiner stops with both values.</summary>
    /// <param name="Setting">Which setting differs, by its <see cref="SettingName"/>.</param>
    /// <param name="Expected">The value of the node that refuses.</param>
    /// <param name="Received">The value of the joiner.</param>
    public sealed record Refused(string Setting, string Expected, string Received) : MembershipMessage;

    /// <summary>"I live", every heartbeat interval to every peer.</summary>
    public sealed record Heartbeat(NodeRecord Self) : MembershipMessage;

    /// <summary>A graceful stop: whoever gets this removes the node at once.</summary>
    public sealed record Leaving(NodeId Node) : MembershipMessage;

    /// <summary>
    /// The answer to anything from a removed node or an old incarnation: what the receiver is held as. A live node that is told of its own
    /// incarnation raises its refutation; one that is told of a higher incarnation of its own address raises its own above it.
    /// </summary>
    /// <param name="Node">The incarnation that was removed, or that superseded the sender's.</param>
    /// <param name="Refutation">Up to which refutation it counts as removed; 0 if it does not, and merely supersedes the sender.</param>
    public sealed record RemovalNotice(NodeId Node, ulong Refutation) : MembershipMessage;
}
