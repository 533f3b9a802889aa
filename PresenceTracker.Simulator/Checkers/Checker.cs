using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Topology;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>One rule that every run must keep. Told of everything that happens, it remembers what it needs, and throws at the first breach.</summary>
internal abstract class Checker
{
    /// <summary>What must hold, as a report names it.</summary>
    public abstract string Rule { get; }

    /// <summary>The process is gone, for whatever reason.</summary>
    public virtual void Ended(SimulatedNode node)
    {
    }

    /// <summary>Every second.</summary>
    public virtual void TimePassed(SimulatedCluster cluster)
    {
    }

    /// <summary>The monitor of a node sends a message.</summary>
    public virtual void MembershipSent(SimulatedNode node, MembershipMessage message)
    {
    }

    /// <summary>The monitor of a node is about to handle a message.</summary>
    public virtual void MembershipHandled(SimulatedNode node, SimulatedNode from, MembershipMessage message)
    {
    }

    /// <summary>The monitor of a node has decided something.</summary>
    public virtual void MembershipDecided(SimulatedNode node, MembershipEffect effect)
    {
    }

    /// <summary>The gossip of a node is about to handle an input.</summary>
    public virtual void GossipGiven(SimulatedNode node, GossipInput input)
    {
    }

    public virtual void GossipSent(SimulatedNode node, NodeId to, GossipMessage message)
    {
    }

    /// <summary>The overlay of a node is about to handle an input.</summary>
    public virtual void OverlayGiven(SimulatedNode node, TopologyInput input)
    {
    }

    public virtual void OverlaySent(SimulatedNode node, NodeId to, OverlayMessage message)
    {
    }

    /// <summary>The overlay of a node has handled an input.</summary>
    public virtual void OverlayHandled(SimulatedNode node)
    {
    }

    /// <summary>The overlay of a node sends a message of a broadcast.</summary>
    public virtual void BroadcastSent(SimulatedNode node, BroadcastMessage message)
    {
    }

    /// <summary>A broadcast has come to a node.</summary>
    /// <param name="from">Its origin.</param>
    public virtual void BroadcastDelivered(SimulatedNode node, SimulatedNode from)
    {
    }

    /// <summary>A shard begins an epoch.</summary>
    public virtual void EpochBegan(SimulatedNode node, ReplicaId replica)
    {
    }

    /// <summary>A shard is about to hear of a decision of the membership.</summary>
    public virtual void ShardTold(SimulatedNode node, int shard, MembershipEffect effect)
    {
    }

    /// <summary>A shard tells the gossip something.</summary>
    public virtual void ShardReported(SimulatedNode node, int shard, GossipInput input)
    {
    }

    /// <summary>A shard is about to change what readers see.</summary>
    /// <param name="isRelease">Whether the turn puts the state of a new epoch in the place of what readers saw of the last one.</param>
    public virtual void Published(SimulatedNode node, int shard, PublishedView before, Turn turn, bool isRelease)
    {
    }

    /// <summary>A subscriber has taken in a diff.</summary>
    public virtual void SubscriberTold(SimulatedNode node, Subscriber subscriber, TopicDiff diff)
    {
    }

    /// <summary>Faults have ended, every node lists the same, and nothing changes any more.</summary>
    public virtual void RestBegan(SimulatedCluster cluster)
    {
    }

    /// <summary>Some seconds later: also what was kept of dead nodes is gone by now.</summary>
    public virtual void AtRest(SimulatedCluster cluster)
    {
    }

    /// <summary>At rest one node is about to broadcast something that changes nothing.</summary>
    public virtual void TrialBegan(SimulatedNode origin)
    {
    }

    /// <summary>There was time enough for it.</summary>
    public virtual void TrialEnded(SimulatedNode origin)
    {
    }

    /// <summary>All trials are over.</summary>
    public virtual void TrialsEnded()
    {
    }

    protected CheckFailedException Breach(string what) => new(GetType().Name, Rule, what);
}
