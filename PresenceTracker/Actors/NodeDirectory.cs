using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Wire;

namespace PresenceTracker.Actors;

/// <summary>The nodes as the membership last told of them. Written by the supervisor alone, read by any thread.</summary>
internal sealed class NodeDirectory(NodeId self, TrafficTable traffic)
{
    private ImmutableSortedDictionary<NodeId, Entry> _nodes = ImmutableSortedDictionary<NodeId, Entry>.Empty;
    private NodeId _self = self;

    public NodeId Self => Volatile.Read(ref _self);

    /// <summary>Every other node that is known and not removed, with its latest record.</summary>
    public IEnumerable<(NodeRecord Record, NodeState State)> Nodes =>
        Volatile.Read(ref _nodes).Values.Select(entry => (entry.Record, entry.State));

    public bool Knows(NodeId node) => Volatile.Read(ref _nodes).ContainsKey(node);

    public bool Knows(string address) => Nodes.Any(node => node.Record.Node.Address == address);

    public void Apply(MembershipEffect effect)
    {
        switch (effect)
        {
            case MembershipEffect.NodeUp(var record):
                Put(record, NodeState.Up);
                break;
            case MembershipEffect.NodeReturned(var record):
                Put(record, NodeState.Up);
                break;
            case MembershipEffect.NodeSuspected(var node):
                Change(node, NodeState.Suspect);
                break;
            case MembershipEffect.NodeTrusted(var node):
                Change(node, NodeState.Up);
                break;
            case MembershipEffect.NodeDown(var node):
                Change(node, NodeState.Down);
                break;
            case MembershipEffect.NodeRemoved(var node, _):
                Volatile.Write(ref _nodes, _nodes.Remove(node));
                if (!Knows(node.Address))
                {
                    traffic.Remove(node.Address);
                }

                break;
            case MembershipEffect.NodeRenamed(var old, var record):
                Volatile.Write(ref _nodes, _nodes.Remove(old).SetItem(record.Node, new Entry(record, NodeState.Up)));
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

    private void Put(NodeRecord record, NodeState state)
    {
        Volatile.Write(ref _nodes, _nodes.SetItem(record.Node, new Entry(record, state)));
        traffic.Add(record.Node.Address);
    }

    private void Change(NodeId node, NodeState state)
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

    private sealed record Entry(NodeRecord Record, NodeState State);
}
