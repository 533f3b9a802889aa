using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>The nodes as the membership core last told of them. Written by one thread alone, read by any.</summary>
public sealed class NodeDirectory(NodeId self)
{
    private ImmutableSortedDictionary<NodeId, Entry> _nodes = ImmutableSortedDictionary<NodeId, Entry>.Empty;
    private NodeId _self = self;

    public NodeId Self => Volatile.Read(ref _self);

    /// <summary>Every other node that is known and not removed, with its latest record.</summary>
    public IEnumerable<(NodeRecord Record, MemberState State)> Nodes =>
        Volatile.Read(ref _nodes).Values.Select(entry => (entry.Record, entry.State));

    /// <summary>What a shard that begins an epoch is told: every node that is up or suspect.</summary>
    public IEnumerable<MembershipEffect.NodeUp> Introductions =>
        Nodes.Where(node => node.State != MemberState.Down).Select(node => new MembershipEffect.NodeUp(node.Record));

    public bool Knows(NodeId node) => Volatile.Read(ref _nodes).ContainsKey(node);

    public bool Knows(string address) => Nodes.Any(node => node.Record.Node.Address == address);

    public void Apply(MembershipEffect effect)
    {
        switch (effect)
        {
            case MembershipEffect.NodeUp(var record):
                Put(record, MemberState.Up);
                break;
            case MembershipEffect.NodeReturned(var record):
                Put(record, MemberState.Up);
                break;
            case MembershipEffect.NodeSuspected(var node):
                Change(node, MemberState.Suspect);
                break;
            case MembershipEffect.NodeTrusted(var node):
                Change(node, MemberState.Up);
                break;
            case MembershipEffect.NodeDown(var node):
                Change(node, MemberState.Down);
                break;
            case MembershipEffect.NodeRemoved(var node, _):
                Volatile.Write(ref _nodes, _nodes.Remove(node));
                break;
            case MembershipEffect.NodeRenamed(var old, var record):
                Volatile.Write(ref _nodes, _nodes.Remove(old).SetItem(record.Node, new Entry(record, MemberState.Up)));
                break;
            case MembershipEffect.EpochRaised(var node, var epoch):
                RaiseEpoch(node, epoch);
                break;
            case MembershipEffect.Announceable(var node):
                Volatile.Write(ref _self, node);
                break;
            case MembershipEffect.SelfRaised(_, var node):
                Volatile.Write(ref _self, node);
                break;
            default:
                break;
        }
    }

    private void Put(NodeRecord record, MemberState state) =>
        Volatile.Write(ref _nodes, _nodes.SetItem(record.Node, new Entry(record, state)));

    private void Change(NodeId node, MemberState state)
    {
        if (_nodes.TryGetValue(node, out var entry))
        {
            Put(entry.Record, state);
        }
    }

    private void RaiseEpoch(NodeId node, ShardEpoch epoch)
    {
        if (_nodes.TryGetValue(node, out var entry))
        {
            var epochs = entry.Record.Epochs.RemoveAll(known => known.Shard == epoch.Shard).Add(epoch).Sort((a, b) => a.Shard.CompareTo(b.Shard));
            Put(entry.Record with { Epochs = epochs }, entry.State);
        }
    }

    private sealed record Entry(NodeRecord Record, MemberState State);
}
