using System.Collections.Immutable;
using PresenceTracker.Actors;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Wire;

namespace PresenceTracker.Reading;

/// <summary>Puts together what is known of each node, from what its parts have published. Runs on the caller's thread, without a lock.</summary>
internal static class NodeStatuses
{
    /// <summary>Costs O(nodes × shards).</summary>
    public static IReadOnlyList<NodeStatus> Of(NodeRuntime runtime)
    {
        var contexts = ContextsByNode(runtime.Views);
        var lags = runtime.Gossip.Peers.ToDictionary(peer => peer.Peer, peer => peer.Lag);
        var self = runtime.Directory.Self;
        return
        [
            StatusOf(self, NodeState.Up, isSelf: true),
            .. runtime.Directory.Nodes.Select(node => StatusOf(node.Record.Node, StateOf(node.State), isSelf: false)),
        ];

        NodeStatus StatusOf(NodeId node, NodeState state, bool isSelf)
        {
            var traffic = isSelf ? new PeerTraffic() : runtime.Traffic.Of(node.Address);
            return new NodeStatus(
                node,
                isSelf,
                state,
                ImmutableArray.Create(contexts.GetValueOrDefault(node) ?? new ulong[runtime.Views.Count]),
                lags.GetValueOrDefault(node),
                runtime.Views.Sum(view => (long)view.PresencesOf(node.Address)),
                traffic.Sent,
                traffic.Received);
        }
    }

    private static NodeState StateOf(MemberState state) => state switch
    {
        MemberState.Up => NodeState.Up,
        MemberState.Suspect => NodeState.Suspect,
        MemberState.Down => NodeState.Down,
        _ => throw new InvalidOperationException($"a node that is {state} is in no directory"),
    };

    private static Dictionary<NodeId, ulong[]> ContextsByNode(IReadOnlyList<ShardView> views)
    {
        var contexts = new Dictionary<NodeId, ulong[]>();
        for (var shard = 0; shard < views.Count; shard++)
        {
            foreach (var (replica, applied) in views[shard].Contexts)
            {
                if (!contexts.TryGetValue(replica.Node, out var ofNode))
                {
                    contexts[replica.Node] = ofNode = new ulong[views.Count];
                }

                // While a node's shard begins an epoch, two are held.
                ofNode[shard] = Math.Max(ofNode[shard], applied);
            }
        }

        return contexts;
    }
}
