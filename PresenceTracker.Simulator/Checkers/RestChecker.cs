using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>
/// When nothing changes, nodes send each other one probe in a period and its answer, and nothing else; and what is held is what lives, nothing of
/// dead nodes, old lives or old epochs.
/// </summary>
internal sealed class RestChecker : Checker
{
    // A probe and an answer to one.
    private const int ProbesPerPeriodMax = 2;

    private readonly SortedDictionary<ulong, SortedSet<ReplicaId>> _held = [];
    private MonotonicTime? _restBegan;
    private long _gossip;
    private long _probes;
    private GossipMessage? _latest;

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
            _gossip++;
            _latest = message;
        }
    }

    public override void MembershipSent(SimulatedNode node, MembershipMessage message)
    {
        if (_restBegan is not null && message is not (MembershipMessage.Hello or MembershipMessage.Welcome))
        {
            _probes++;
        }
    }

    public override void RestBegan(SimulatedCluster cluster) => _restBegan = cluster.Events.Now;

    public override void AtRest(SimulatedCluster cluster)
    {
        var nodes = cluster.Running.ToList();
        if (_gossip > 0)
        {
            throw Breach($"{_gossip} gossip messages were sent, though nothing changed, the last of them {_latest}");
        }

        // In an overlay each probes its neighbours, and now and then one beyond.
        var topology = cluster.Options.Topology;
        var probesMax = cluster.Options.IsOverlay ? ProbesPerPeriodMax * (topology.Overlay.ActiveMax + 1) : ProbesPerPeriodMax;

        // The edges of the time that is counted cut a period in two.
        var periods = nodes.Count * ((cluster.Events.Now - _restBegan!.Value) / cluster.Options.Membership.Swim.ProtocolPeriod + 1);
        if (_probes > periods * probesMax)
        {
            throw Breach($"{nodes.Count} nodes sent {_probes} messages of the failure detector in {cluster.Events.Now - _restBegan}");
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
