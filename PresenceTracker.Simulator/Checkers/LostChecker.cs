using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Faults;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>
/// A presence leaves a list for a cause only: its owner ended it, or its node was said to be gone; an update is no end of it. After a crash of
/// the shard that lists it, what could not be caught up with in time may leave too; it comes back, or the end of the run will show that it has
/// not.
/// </summary>
internal sealed class LostChecker : Checker
{
    // A node that returned is shown 1 s later, in slices; what was held of it may run out until then.
    private static readonly TimeSpan ShowWithin = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan ShowSlowlyWithin = TimeSpan.FromSeconds(40);

    private readonly NodesAsTold _told = new();

    public override string Rule => "no presence is lost";

    public override void EpochBegan(SimulatedNode node, ReplicaId replica) => _told.EpochBegan(node, replica.Shard);

    public override void ShardTold(SimulatedNode node, int shard, MembershipEffect effect) => _told.ShardTold(node, shard, effect);

    public override void Published(SimulatedNode node, int shard, PublishedView before, Turn turn, bool isRelease)
    {
        if (isRelease)
        {
            return;
        }

        foreach (var change in turn.Diffs.SelectMany(diff => diff.Events))
        {
            if (change.Kind == PresenceEventKind.Left)
            {
                Require(node, shard, change.Presence, isUpdated: false, $"left {node} ({change.Reason})");
            }
            else if (change.Kind == PresenceEventKind.Updated)
            {
                Require(node, shard, change.Previous!, isUpdated: true, $"became {change.Presence} on {node}");
            }
        }
    }

    private void Require(SimulatedNode node, int shard, Presence presence, bool isUpdated, string what)
    {
        if (node.Cluster.Truth.Find(presence.Ref) is not { } entry || (isUpdated ? entry : entry.Latest).HasEnded)
        {
            return;
        }

        var isSlow = node.Options.Faults.Contains(FaultKind.SlowNode) || node.Options.Faults.Contains(FaultKind.Pause);
        var within = isSlow ? ShowSlowlyWithin : ShowWithin;
        if (entry.Node == node || !_told.WasHiddenWithin(node, shard, presence.Node, within + presence.LeaveGrace))
        {
            throw Breach($"{presence} {what}, but its owner has not ended it, and its node was not said to be gone");
        }
    }
}
