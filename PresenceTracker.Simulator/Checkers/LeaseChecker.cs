using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>A node that lists a newer presence of a lease than its own has ended its own in the same turn, and gives way to no other.</summary>
internal sealed class LeaseChecker : Checker
{
    public override string Rule => "a holder yields to a newer one";

    public override void Published(SimulatedNode node, int shard, PublishedView before, Turn turn, bool isRelease)
    {
        foreach (var diff in turn.Diffs)
        {
            foreach (var yielded in diff.Events.Where(change =>
                change is { Kind: PresenceEventKind.Left, Reason: LeaveReason.Replaced, Presence.Term: > 0 } && IsOwn(node, change.Presence)))
            {
                if (!diff.Before.Concat(diff.After).Any(other => other.Id == yielded.Presence.Id && other.IsNewerThan(yielded.Presence)))
                {
                    throw Breach($"{node} gave {yielded.Presence} of term {yielded.Presence.Term} up, and lists no newer one");
                }
            }

            foreach (var own in diff.After.Where(presence => presence.Term > 0 && IsOwn(node, presence)))
            {
                foreach (var other in diff.After.GetByKey(own.Key).Where(other => other.Owner == own.Owner && other.Node != own.Node))
                {
                    if (other.IsNewerThan(own))
                    {
                        throw Breach($"{node} lists {own} of term {own.Term}, though it lists {other} of term {other.Term}");
                    }
                }
            }
        }
    }

    private static bool IsOwn(SimulatedNode node, Presence presence) => presence.Node.Incarnation.ProcessId == node.ProcessId;
}
