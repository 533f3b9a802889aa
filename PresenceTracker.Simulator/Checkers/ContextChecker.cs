using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>A context of a replica never goes back while its node is remembered, and is never ahead of the replica itself.</summary>
internal sealed class ContextChecker : Checker
{
    private readonly SortedDictionary<(ulong Process, int Shard), SortedDictionary<ReplicaId, ulong>> _contexts = [];
    private readonly SortedDictionary<ReplicaId, ulong> _versions = [];

    public override string Rule => "dots never go back";

    public override void EpochBegan(SimulatedNode node, ReplicaId replica) => _contexts[(node.ProcessId, replica.Shard)] = [];

    public override void ShardTold(SimulatedNode node, int shard, MembershipEffect effect)
    {
        if (effect is not MembershipEffect.NodeRemoved(var removed, _))
        {
            return;
        }

        var contexts = _contexts[(node.ProcessId, shard)];
        foreach (var replica in contexts.Keys.Where(replica => replica.Node.Incarnation.ProcessId == removed.Incarnation.ProcessId).ToList())
        {
            contexts.Remove(replica);
        }
    }

    public override void ShardReported(SimulatedNode node, int shard, GossipInput input)
    {
        switch (input)
        {
            case GossipInput.ReplicaAdded(var replica, var position):
                Move(node, shard, replica, position.Context);
                break;
            case GossipInput.ContextMoved(var replica, var position):
                Move(node, shard, replica, position.Context);
                break;
            case GossipInput.LocalChange(var deltas):
                Write(node, deltas);
                break;
            case GossipInput.PullServed(_, _, _, var parts):
                Write(node, parts);
                break;
            default:
                break;
        }
    }

    private void Write(SimulatedNode node, IEnumerable<Dots> written)
    {
        foreach (var dots in written.Where(dots => dots.Replica.Node.Incarnation.ProcessId == node.ProcessId))
        {
            Write(dots.Replica, dots.AsOf);
        }
    }

    private void Write(ReplicaId replica, ulong version) => _versions[replica] = Math.Max(version, _versions.GetValueOrDefault(replica));

    private void Move(SimulatedNode node, int shard, ReplicaId replica, ulong context)
    {
        if (replica.Node.Incarnation.ProcessId == node.ProcessId)
        {
            Write(replica, context);
        }
        else if (context > _versions.GetValueOrDefault(replica))
        {
            throw Breach($"{node} has {replica} at {context}, which has written {_versions.GetValueOrDefault(replica)} operations");
        }

        var contexts = _contexts[(node.ProcessId, shard)];
        if (contexts.TryGetValue(replica, out var known) && context < known)
        {
            throw Breach($"{node} had {replica} at {known}, and now at {context}");
        }

        contexts[replica] = context;
    }
}
