using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>All that the gossip core asks of its shell. Closed.</summary>
public abstract record GossipEffect
{
    private GossipEffect()
    {
    }

    /// <summary>Send to the gossip core of that node. Messages to one node must stay in order; they may be lost.</summary>
    public sealed record SendMessage(NodeId To, GossipMessage Message) : GossipEffect;

    /// <summary>Give the timer back as <see cref="GossipInput.TimerFired"/>. Never cancelled: a stale token is ignored.</summary>
    public sealed record ScheduleTimer(GossipTimer Timer, TimeSpan After) : GossipEffect;

    /// <summary>Hand the dots to their shard.</summary>
    /// <param name="PushNumber">
    /// What the shard must answer with as <see cref="GossipInput.PushHandled"/>, whatever it does with the dots; 0 when they were no push.
    /// </param>
    /// <param name="IsBroadcast">Whether they came by a broadcast: as with a push, what lacks before them is missing, not on its way.</param>
    public sealed record DeliverDots(Dots Dots, NodeId From, ulong PushNumber, bool IsBroadcast = false) : GossipEffect;

    /// <summary>Have this local change broadcast over the overlay. Asked only while there are links.</summary>
    public sealed record Publish(Dots Dots) : GossipEffect;

    /// <summary>Ask the shard what it has beyond the position, in at most four parts: <see cref="GossipInput.PullServed"/>.</summary>
    public sealed record ServePull(NodeId To, ulong Token, ReplicaId Replica, PullPosition Position) : GossipEffect;

    /// <summary>
    /// The node's own first digest after <see cref="GossipInput.PeerUp"/>: a node that returned is shown, shard by shard, once it is caught up to.
    /// </summary>
    /// <param name="Contexts">Of its own replicas that have written anything; those that we are not behind with too.</param>
    public sealed record ShowTarget(NodeId Node, ImmutableArray<ReplicaContext> Contexts) : GossipEffect;

    /// <summary>This node has caught up with the cluster it joined, and stays so.</summary>
    /// <param name="Alone">True when there are seeds and none has answered; false is told when the first peer appears after all.</param>
    public sealed record BecameSynced(bool Alone) : GossipEffect;

    /// <summary>
    /// Rounds have stopped: until the next of these, the root rides on probes. Null: it rides no more, for rounds go on.
    /// </summary>
    public sealed record RootRests(ulong? Root) : GossipEffect;

    /// <summary>A peer sent what no correct peer would, or was not a peer (yet): to be counted. Nothing else changed.</summary>
    public sealed record ReportViolation(GossipViolation Violation, NodeId From) : GossipEffect;
}
