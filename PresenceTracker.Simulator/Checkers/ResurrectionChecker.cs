using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>
/// What a shard has shown to be over does not come back while it remembers its node; a life that a node has removed comes back there by a
/// refutation only, and one that a later life superseded never; and a dead process that nobody knows any more, and of which nothing is under
/// way, is never heard of again.
/// </summary>
internal sealed class ResurrectionChecker : Checker
{
    // For as long a shard may end by itself what it held of a node that was away.
    private static readonly TimeSpan HeldWithin = TimeSpan.FromSeconds(40);

    // No process has this id: the node of the presence was purged since.
    private const ulong Forgotten = 0;

    private readonly NodesAsTold _told = new();
    private readonly SortedDictionary<(ulong Process, int Shard), SortedDictionary<string, ulong>> _over = [];
    private readonly SortedDictionary<(ulong Process, NodeId Removed), ulong> _removedAt = [];
    private readonly List<SimulatedNode> _dead = [];
    private readonly SortedSet<ulong> _forgotten = [];

    public override string Rule => "nothing comes back from the dead";

    public override void Ended(SimulatedNode node) => _dead.Add(node);

    public override void TimePassed(SimulatedCluster cluster)
    {
        if (cluster.Running.Any(node => node.IsPaused))
        {
            return;
        }

        foreach (var node in _dead.Where(node => node.UnderWay == 0 && !IsKnown(cluster, node)).ToList())
        {
            cluster.Marks.Add("dead process forgotten by all");
            _forgotten.Add(node.ProcessId);
            _dead.Remove(node);
        }
    }

    public override void MembershipDecided(SimulatedNode node, MembershipEffect effect)
    {
        var shown = effect switch
        {
            MembershipEffect.NodeUp(var record) => record,
            MembershipEffect.NodeReturned(var record) => record,
            MembershipEffect.NodeRenamed(_, var record) => record,
            _ => null,
        };
        if (shown is not null && _forgotten.Contains(shown.Node.Incarnation.ProcessId))
        {
            throw Breach($"{node} holds {shown.Node} as up, which is dead, was removed by all, and says nothing any more");
        }

        if (effect is MembershipEffect.NodeRemoved(var removed, _))
        {
            var record = node.Monitor.Members.FirstOrDefault(member => member.Node == removed && member.State == MemberState.Removed);
            _removedAt[(node.ProcessId, removed)] = record?.Refutation ?? ulong.MaxValue;
        }
        else if (shown is not null && _removedAt.TryGetValue((node.ProcessId, shown.Node), out var refutation) && shown.Refutation <= refutation)
        {
            throw Breach($"{node} holds {shown.Node} as up at refutation {shown.Refutation}, which it has removed at {refutation}");
        }
    }

    public override void EpochBegan(SimulatedNode node, ReplicaId replica)
    {
        _told.EpochBegan(node, replica.Shard);
        _over[(node.ProcessId, replica.Shard)] = new(StringComparer.Ordinal);
    }

    public override void ShardTold(SimulatedNode node, int shard, MembershipEffect effect)
    {
        _told.ShardTold(node, shard, effect);
        if (effect is not MembershipEffect.NodeRemoved(var removed, _))
        {
            return;
        }

        // With the node everything is forgotten: an old state that comes by another node is put right by its own.
        var over = _over[(node.ProcessId, shard)];
        foreach (var @ref in over.Where(entry => entry.Value == removed.Incarnation.ProcessId).Select(entry => entry.Key).ToList())
        {
            over[@ref] = Forgotten;
        }
    }

    public override void Published(SimulatedNode node, int shard, PublishedView before, Turn turn, bool isRelease)
    {
        var over = _over[(node.ProcessId, shard)];
        foreach (var change in turn.Diffs.SelectMany(diff => diff.Events))
        {
            if (change.Kind != PresenceEventKind.Left && over.TryGetValue(change.Presence.Ref, out var process))
            {
                if (process != Forgotten)
                {
                    throw Breach($"{change.Presence} is shown again on {node}, which has shown its end");
                }

                // For a moment, or the end of the run will show that it stays.
                node.Cluster.Marks.Add("ended presence shown again after a purge");
            }

            var gone = change.Kind switch
            {
                PresenceEventKind.Left when change.Reason is not (LeaveReason.NodeDown or LeaveReason.NodeLeft) => change.Presence,
                PresenceEventKind.Updated => change.Previous,
                _ => null,
            };
            if (gone is not null && !isRelease && HasEnded(node, shard, gone))
            {
                over[gone.Ref] = gone.Node.Incarnation.ProcessId;
            }
        }
    }

    // Of a node that is away a shard ends what it holds without hearing of it; that is no end which it must remember.
    private bool HasEnded(SimulatedNode node, int shard, Presence presence) =>
        node.Cluster.Truth.Find(presence.Ref) is { HasEnded: true } entry
        && (entry.Node == node || !_told.WasHiddenWithin(node, shard, presence.Node, HeldWithin));

    private static bool IsKnown(SimulatedCluster cluster, SimulatedNode dead) => cluster.Running.Any(node =>
        node.Monitor.Members.Any(member =>
            member.State != MemberState.Removed && member.Node.Incarnation.ProcessId == dead.ProcessId));
}
