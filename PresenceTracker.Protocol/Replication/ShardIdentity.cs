using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Replication;

/// <summary>Which replica a shard writes; kept outside of the shard across its crashes, so that no epoch is used twice.</summary>
public sealed class ShardIdentity(NodeId node, int shard)
{
    private int _nextEpoch;

    /// <summary>The node's identity as of the next epoch.</summary>
    public NodeId Node { get; set; } = node;

    /// <summary>The replica of an epoch that begins now.</summary>
    public ReplicaId BeginEpoch() => new(Node, shard, _nextEpoch++);
}
