using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>This node, and which replicas are its own.</summary>
internal sealed class OwnNode(NodeId id)
{
    public NodeId Id { get; private set; } = id;

    /// <summary>Own is what the same process writes: it may raise its incarnation's counter while it lives.</summary>
    public bool Owns(ReplicaId replica) =>
        replica.Node.Address == Id.Address && replica.Node.Incarnation.ProcessId == Id.Incarnation.ProcessId;

    /// <summary>A shard begins to write as this replica; if it is our own, it tells of a raised incarnation.</summary>
    public void Learn(ReplicaId replica)
    {
        if (Owns(replica) && replica.Node.Supersedes(Id))
        {
            Id = replica.Node;
        }
    }
}
