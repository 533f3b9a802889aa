using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Protocol.Leases;

/// <summary>All that can happen to the lease core. Closed.</summary>
public abstract record LeaseInput
{
    private LeaseInput()
    {
    }

    /// <summary>A peer is up: it is new, or it has returned from down. A suspect peer is still up here.</summary>
    public sealed record PeerUp(NodeId Peer) : LeaseInput;

    /// <summary>A peer is down or removed, or goes on under a new incarnation.</summary>
    public sealed record PeerGone(NodeId Peer) : LeaseInput;

    /// <summary>A caller of this node wants this of the node that holds the leases; <see cref="LeaseEffect.Settle"/> with the number follows.</summary>
    /// <param name="Calls">As many as one message takes: see <see cref="LeaseCore.Split"/>.</param>
    public sealed record Asked(ulong Number, NodeId Holder, ImmutableArray<LeaseCall> Calls) : LeaseInput;

    /// <summary>
    /// These leases were ended through this node, and the holder cannot have heard of it. It is told until it answers or goes; what it has
    /// tracked or renewed since the end stays.
    /// </summary>
    public sealed record RepeatEnds(NodeId Holder, ImmutableArray<LeaseEnd> Ends) : LeaseInput;

    /// <summary>The shards have carried out <see cref="LeaseEffect.Serve"/>.</summary>
    /// <param name="Results">In the order of the calls; default if a shard has failed, so that nothing true can be said.</param>
    public sealed record Served(NodeId To, ulong Token, ImmutableArray<TrackResult> Results) : LeaseInput;

    /// <summary>A message from another node.</summary>
    public sealed record MessageReceived(NodeId From, LeaseMessage Message) : LeaseInput;

    /// <summary>The wait for the answer with this token is over.</summary>
    public sealed record AnswerOverdue(ulong Token) : LeaseInput;
}
