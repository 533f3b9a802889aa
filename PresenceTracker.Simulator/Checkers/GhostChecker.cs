using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>Whatever is shown was tracked by somebody, reads as it was tracked, and is of a node that is held as up.</summary>
internal sealed class GhostChecker : Checker
{
    private readonly NodesAsTold _told = new();

    public override string Rule => "no ghost is shown";

    public override void EpochBegan(SimulatedNode node, ReplicaId replica) => _told.EpochBegan(node, replica.Shard);

    public override void ShardTold(SimulatedNode node, int shard, MembershipEffect effect) => _told.ShardTold(node, shard, effect);

    public override void Published(SimulatedNode node, int shard, PublishedView before, Turn turn, bool isRelease)
    {
        foreach (var change in turn.Diffs.SelectMany(diff => diff.Events))
        {
            if (change.Kind == PresenceEventKind.Left)
            {
                continue;
            }

            var presence = change.Presence;
            if (node.Cluster.Truth.Find(presence.Ref) is not { } entry)
            {
                throw Breach($"{node} shows {presence}, which nobody has tracked");
            }

            if (entry.Presence.Id != presence.Id
                || entry.Presence.LeaveGrace != presence.LeaveGrace
                || entry.Presence.Term != presence.Term
                || !entry.Presence.Meta.Utf8.Span.SequenceEqual(presence.Meta.Utf8.Span)
                || entry.Node.ProcessId != presence.Node.Incarnation.ProcessId)
            {
                throw Breach($"{node} shows {presence} {presence.Meta}, which was tracked as {entry.Presence} {entry.Presence.Meta}");
            }

            // What a new epoch is released with may be held, or about to be hidden, slice by slice.
            if (change.Kind == PresenceEventKind.Joined && !isRelease && entry.Node != node && !_told.IsVisible(node, shard, presence.Node))
            {
                throw Breach($"{presence} joined on {node}, where its node is not held as up");
            }
        }
    }
}
