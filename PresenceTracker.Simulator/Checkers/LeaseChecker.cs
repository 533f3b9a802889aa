using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>A node that lists a newer presence of a lease than its own has ended its own in the same turn.</summary>
internal sealed class LeaseChecker : Checker
{
    public override string Rule => "a holder yields to a newer one";

    public override void Published(SimulatedNode node, int shard, PublishedView before, Turn turn, bool isRelease)
    {
        foreach (var diff in turn.Diffs)
        {
            foreach (var own in diff.After.Where(presence => presence.Term > 0 && presence.Node.Incarnation.ProcessId == node.ProcessId))
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
}
