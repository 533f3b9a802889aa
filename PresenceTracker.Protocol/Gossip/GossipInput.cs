using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>All that can happen to the gossip core. Closed.</summary>
public abstract record GossipInput
{
    private GossipInput()
    {
    }

    /// <summary>The first input: rounds begin. Peers and replicas may be told before it.</summary>
    public sealed record Started : GossipInput;

    /// <summary>
    /// How many seeds have not answered the handshake yet; told once at the start and at each change, after the <see cref="PeerUp"/> that
    /// an answer brings. Zero before any peer is known means that there is nobody to wait for: no seeds, or only ourselves.
    /// </summary>
    public sealed record SeedsPending(int Unanswered) : GossipInput;

    /// <summary>A peer is up: it is new, or it has returned from down.</summary>
    public sealed record PeerUp(NodeId Peer) : GossipInput;

    /// <summary>An up peer is doubted: it gets no pushes until it is trusted again.</summary>
    public sealed record PeerSuspected(NodeId Peer) : GossipInput;

    /// <summary>A suspect peer is up again.</summary>
    public sealed record PeerTrusted(NodeId Peer) : GossipInput;

    /// <summary>A peer is down or removed, or goes on under a new incarnation.</summary>
    public sealed record PeerGone(NodeId Peer) : GossipInput;

    /// <summary>A shard holds a replica of an up or suspect node, or its own one, from now on.</summary>
    /// <param name="Position">What the shard has of it already; of a node that returns from down that is usually all.</param>
    public sealed record ReplicaAdded(ReplicaId Replica, PullPosition Position) : GossipInput;

    /// <summary>A replica was hidden or removed: it appears in no digest and is not asked for.</summary>
    public sealed record ReplicaRemoved(ReplicaId Replica) : GossipInput;

    /// <summary>
    /// A shard has applied something, or written to its own replica. Told at each change of the position, of the covered part too: the
    /// end of one pull's answer is recognised by it.
    /// </summary>
    public sealed record ContextMoved(ReplicaId Replica, PullPosition Position) : GossipInput;

    /// <summary>A shard has flushed its own writes, as deltas of at most one message each, oldest first.</summary>
    public sealed record LocalChange(ImmutableArray<Dots> Deltas) : GossipInput;

    /// <summary>A shard is done with a push: it was applied, was known already, was dropped or left a gap.</summary>
    public sealed record PushHandled(NodeId From, ulong Number) : GossipInput;

    /// <summary>A shard's answer to <see cref="GossipEffect.ServePull"/>.</summary>
    /// <param name="Parts">Empty when the shard has nothing newer.</param>
    public sealed record PullServed(NodeId To, ulong Token, ReplicaId Replica, ImmutableArray<Dots> Parts) : GossipInput;

    /// <summary>A shard could not apply a push from <paramref name="Via"/>, because what lies before it is missing.</summary>
    public sealed record GapFound(ReplicaId Replica, NodeId Via) : GossipInput;

    /// <summary>A peer's root rode on its probe or on its answer to one, and is not the one that rests here.</summary>
    public sealed record RootDiffers(NodeId Peer) : GossipInput;

    /// <summary>Speak to these neighbours only, and publish changes; or to all peers again, which is how the gossip begins.</summary>
    /// <param name="Neighbors">Null for all.</param>
    public sealed record LinksChanged(ImmutableArray<NodeId>? Neighbors) : GossipInput;

    /// <summary>A broadcast has brought a change of another node.</summary>
    /// <param name="Via">The neighbour that passed it on.</param>
    public sealed record BroadcastReceived(NodeId Via, Dots Dots) : GossipInput;

    /// <summary>A message from another node.</summary>
    public sealed record MessageReceived(NodeId From, GossipMessage Message) : GossipInput;

    /// <summary>A timer of <see cref="GossipEffect.ScheduleTimer"/> is due.</summary>
    public sealed record TimerFired(GossipTimer Timer) : GossipInput;
}
