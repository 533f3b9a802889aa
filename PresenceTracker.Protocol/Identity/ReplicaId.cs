namespace PresenceTracker.Protocol.Identity;

/// <summary>The unit that writes dots: one shard of one node, in one epoch. Each replica is the only writer of its own dots.</summary>
/// <param name="Node">The node whose shard it is.</param>
/// <param name="Shard">The shard, from 0.</param>
/// <param name="Epoch">How often the shard has been restarted after a crash in this incarnation, from 0.</param>
public sealed record ReplicaId(NodeId Node, int Shard, int Epoch) : IComparable<ReplicaId>
{
    public int CompareTo(ReplicaId? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byNode = Node.CompareTo(other.Node);
        if (byNode != 0)
        {
            return byNode;
        }

        var byShard = Shard.CompareTo(other.Shard);
        return byShard != 0 ? byShard : Epoch.CompareTo(other.Epoch);
    }

    public override string ToString() => $"{Node}/{Shard}.{Epoch}";
}
