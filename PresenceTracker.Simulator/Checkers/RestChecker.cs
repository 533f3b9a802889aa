using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>
/// When nothing changes, no presence is sent and digests cost each node a root a second and its answer; and what is held is what lives,
/// nothing of dead nodes, old lives or old epochs.
/// </summary>
internal sealed class RestChecker : Checker
{
    // A root for each beat, and an answer to each root: two for each node and second. A tenth is the edge of the time that is counted.
    private const double MessagesPerBeatMax = 2.2;

    private readonly SortedDictionary<ulong, SortedSet<ReplicaId>> _held = [];
    private MonotonicTime? _restBegan;
    private long _messages;
    private long _withDots;

    public override string Rule => "rest costs nothing, and holds what lives only";

    public override void GossipGiven(SimulatedNode node, GossipInput input)
    {
        switch (input)
        {
            case GossipInput.ReplicaAdded added:
                HeldBy(node).Add(added.Replica);
                break;
            case GossipInput.ReplicaRemoved removed:
                HeldBy(node).Remove(removed.Replica);
                break;
            default:
                break;
        }
    }

    public override void GossipSent(SimulatedNode node, NodeId to, GossipMessage message)
    {
        if (_restBegan is not null)
        {
            _messages++;
            _withDots += message is GossipMessage.Push or GossipMessage.PullReply { Dots: not null } ? 1 : 0;
        }
    }

    public override void RestBegan(SimulatedCluster cluster) => _restBegan = cluster.Events.Now;

    public override void AtRest(SimulatedCluster cluster)
    {
        var nodes = cluster.Running.ToList();
        if (_withDots > 0)
        {
            throw Breach($"{_withDots} messages carried presences, though nothing changed");
        }

        var beats = nodes.Count * ((cluster.Events.Now - _restBegan!.Value) / cluster.Options.Gossip.BeatInterval + 1);
        if (_messages > beats * MessagesPerBeatMax)
        {
            throw Breach($"{nodes.Count} nodes sent {_messages} digests in {cluster.Events.Now - _restBegan}");
        }

        var living = new SortedSet<ReplicaId>(nodes.SelectMany(node => node.Shards).Select(shard => shard.Core.Self));
        foreach (var node in nodes)
        {
            Require(node, "digests", HeldBy(node), living);
            Require(node, "readers' contexts", node.Shards.SelectMany(shard => shard.View.Replicas), living);
            Require(node, "shards", node.Shards.SelectMany(shard => shard.Core.Replicas), living);
        }
    }

    private SortedSet<ReplicaId> HeldBy(SimulatedNode node)
    {
        if (!_held.TryGetValue(node.ProcessId, out var held))
        {
            _held[node.ProcessId] = held = [];
        }

        return held;
    }

    private void Require(SimulatedNode node, string what, IEnumerable<ReplicaId> held, SortedSet<ReplicaId> living)
    {
        var found = new SortedSet<ReplicaId>(held);
        if (!found.SetEquals(living))
        {
            throw Breach(
                $"{what} of {node}: {string.Join(", ", found.Except(living))} too much, {string.Join(", ", living.Except(found))} missing");
        }
    }
}
