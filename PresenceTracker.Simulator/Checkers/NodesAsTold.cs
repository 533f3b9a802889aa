using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>What each shard has been told of other nodes in its present epoch: what it may show follows from that.</summary>
internal sealed class NodesAsTold
{
    private readonly SortedDictionary<(ulong Process, int Shard), SortedDictionary<NodeId, Told>> _byShard = [];

    public void EpochBegan(SimulatedNode node, int shard) => _byShard[(node.ProcessId, shard)] = [];

    public void ShardTold(SimulatedNode node, int shard, MembershipEffect effect)
    {
        var now = node.Cluster.Events.Now;
        switch (effect)
        {
            case MembershipEffect.NodeUp(var record):
                Set(node, shard, record.Node, isVisible: true, now);
                break;
            case MembershipEffect.NodeReturned(var record):
                Set(node, shard, record.Node, isVisible: true, now);
                break;
            case MembershipEffect.NodeRenamed(_, var record):
                Set(node, shard, record.Node, isVisible: true, now);
                break;
            case MembershipEffect.NodeDown(var other):
                Hide(node, shard, other, now);
                break;
            case MembershipEffect.NodeRemoved(var other, _):
                Hide(node, shard, other, now);
                break;
            default:
                break;
        }
    }

    /// <summary>Whether the shard may show presences of that life.</summary>
    public bool IsVisible(SimulatedNode node, int shard, NodeId other) => Find(node, shard, other) is { IsVisible: true };

    /// <summary>Whether the shard was told so lately that the life was away that it may still hold and end what it had of it.</summary>
    public bool WasHiddenWithin(SimulatedNode node, int shard, NodeId other, TimeSpan span) =>
        Find(node, shard, other) is not { } told
        || !told.IsVisible
        || (told.HiddenAt is not null && node.Cluster.Events.Now - told.Since <= span);

    private Told? Find(SimulatedNode node, int shard, NodeId other) =>
        _byShard.TryGetValue((node.ProcessId, shard), out var nodes) ? nodes.GetValueOrDefault(other) : null;

    private void Set(SimulatedNode node, int shard, NodeId other, bool isVisible, MonotonicTime now)
    {
        var nodes = _byShard[(node.ProcessId, shard)];

        // What is said of a later counter of the process is said of what it had under an earlier one.
        foreach (var earlier in nodes.Keys.Where(known => IsSameProcess(known, other)).Append(other).Distinct().ToList())
        {
            var hiddenAt = isVisible ? nodes.GetValueOrDefault(earlier)?.HiddenAt : now;
            nodes[earlier] = new Told(isVisible, now, hiddenAt);
        }
    }

    private void Hide(SimulatedNode node, int shard, NodeId other, MonotonicTime now) => Set(node, shard, other, isVisible: false, now);

    private static bool IsSameProcess(NodeId left, NodeId right) =>
        left.Address == right.Address && left.Incarnation.ProcessId == right.Incarnation.ProcessId;

    /// <param name="Since">Of that being so.</param>
    /// <param name="HiddenAt">When it was last hidden; null if never.</param>
    private sealed record Told(bool IsVisible, MonotonicTime Since, MonotonicTime? HiddenAt);
}
