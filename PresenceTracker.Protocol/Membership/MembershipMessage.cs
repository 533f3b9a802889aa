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
    /// <param name="Proof">That the sender has the cluster's token; none if it has no token.</param>
    public sealed record Hello(
        NodeRecord Self, string Target, uint ProtocolVersion, string ClusterName, int ShardCount, ImmutableArray<byte> Proof = default)
        : MembershipMessage;

    /// <summary>The answer to a <see cref="Hello"/> that fits.</summary>
    /// <param name="Self">Who answers.</param>
    /// <param name="Target">The target of the hello; the sender may advertise another spelling of its address.</param>
    /// <param name="Members">Every other node that the sender has not removed, so that the joiner can greet each.</param>
    /// <param name="KnownCounter">
    /// The counter that the joiner must be above, because the sender knows a later life at the joiner's address; 0 if it knows none.
    /// </param>
    /// <param name="Proof">As in <see cref="Hello"/>.</param>
    public sealed record Welcome(
        NodeRecord Self, string Target, ImmutableArray<NodeId> Members, ulong KnownCounter, ImmutableArray<byte> Proof = default)
        : MembershipMessage;

    /// <summary>The answer to a <see cref="Hello"/> that does not fit: the joiner stops with both values.</summary>
    /// <param name="Setting">Which setting differs, by its <see cref="SettingName"/>.</param>
    /// <param name="Expected">The value of the node that refuses.</param>
    /// <param name="Received">The value of the joiner.</param>
    public sealed record Refused(string Setting, string Expected, string Received) : MembershipMessage;

    /// <summary>The probe of a protocol period, or the probe on behalf of another: answer at once.</summary>
    /// <param name="Token">Repeated in the answer.</param>
    /// <param name="Self">Who probes.</param>
    /// <param name="Updates">
    /// What the sender tells of others; first of all, if it doubts the receiver, that. Here and below.
    /// </param>
    /// <param name="Root">What the sender knows of presences, in one hash, while that is at rest.</param>
    public sealed record Ping(ulong Token, NodeRecord Self, ImmutableArray<MemberUpdate> Updates, ulong? Root = null) : MembershipMessage;

    /// <summary>Asks the receiver to probe the target, which has not answered the sender.</summary>
    /// <param name="Token">Repeated in the <see cref="Ack"/> or <see cref="Nack"/>.</param>
    public sealed record PingRequest(ulong Token, NodeRecord Self, NodeId Target, ImmutableArray<MemberUpdate> Updates) : MembershipMessage;

    /// <summary>The answer to a <see cref="Ping"/>, or that the target of a <see cref="PingRequest"/> has answered one.</summary>
    /// <param name="Root">As in <see cref="Ping"/>; null if a helper passes an answer on.</param>
    /// <param name="Neighbors">
    /// The addresses of the sender's neighbours in the overlay, at most <see cref="MembershipOptions.NeighborsMax"/>: they are asked to probe it when it is silent. None
    /// where each probes all.
    /// </param>
    public sealed record Ack(
        ulong Token, NodeRecord Self, ImmutableArray<MemberUpdate> Updates, ulong? Root = null, ImmutableArray<string> Neighbors = default) : MembershipMessage;

    /// <summary>The target of a <see cref="PingRequest"/> has not answered yet, but the sender lives.</summary>
    public sealed record Nack(ulong Token, NodeRecord Self, ImmutableArray<MemberUpdate> Updates) : MembershipMessage;

    /// <summary>What cannot wait for a probe: a record that has changed, a refutation, or that the receiver is doubted.</summary>
    public sealed record Announcement(NodeRecord Self, ImmutableArray<MemberUpdate> Updates) : MembershipMessage;

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
