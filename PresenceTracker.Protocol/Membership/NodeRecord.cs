using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What a node says of itself.</summary>
/// <param name="Node">Address and incarnation.</param>
/// <param name="Refutation">
/// What the SWIM paper calls the incarnation number: raised by the node itself from 1 to say "I live" when it is doubted or was
/// removed. Precedence is (incarnation, refutation, state); only a change of the incarnation supersedes.
/// </param>
/// <param name="Epochs">The shards that are past epoch 0, by rising shard.</param>
public sealed record NodeRecord(NodeId Node, ulong Refutation, ImmutableArray<ShardEpoch> Epochs)
{
    /// <summary>The replica that this node's shard writes now.</summary>
    public ReplicaId ReplicaOf(int shard)
    {
        foreach (var epoch in Epochs)
        {
            if (epoch.Shard == shard)
            {
                return new ReplicaId(Node, shard, epoch.Epoch);
            }
        }

        return new ReplicaId(Node, shard, 0);
    }
}
