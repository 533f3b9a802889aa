using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Faults;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>
/// Nobody is removed who was heard of within the time that down nodes are kept, who is not superseded and has not left; nobody is doubted
/// once all is calm; and nobody gives way unless there was a second process at its address.
/// </summary>
internal sealed class MembershipChecker : Checker
{
    private readonly SortedDictionary<(ulong At, ulong Of), MonotonicTime> _heard = [];
    private readonly SortedSet<ulong> _left = [];
    private bool _isAtRest;

    public override string Rule => "no healthy node is removed";

    public override void RestBegan(SimulatedCluster cluster) => _isAtRest = true;

    public override void MembershipSent(SimulatedNode node, MembershipMessage message)
    {
        if (message is MembershipMessage.Leaving)
        {
            _left.Add(node.ProcessId);
        }
    }

    public override void MembershipHandled(SimulatedNode node, SimulatedNode from, MembershipMessage message)
    {
        // Nothing else says who sent it.
        if (message is MembershipMessage.Hello or MembershipMessage.Welcome or MembershipMessage.Heartbeat)
        {
            _heard[(node.ProcessId, from.ProcessId)] = node.Clock.Now;
        }
    }

    public override void MembershipDecided(SimulatedNode node, MembershipEffect effect)
    {
        switch (effect)
        {
            case MembershipEffect.NodeSuspected(var other) when _isAtRest && Runs(node, other.Incarnation.ProcessId):
                throw Breach($"{node} doubts {other}, which runs, when all is calm");
            case MembershipEffect.NodeRemoved(var other, var reason):
                RequireCause(node, other.Address, other.Incarnation.ProcessId, reason);
                break;
            case MembershipEffect.StopNode(var cause) when !node.Options.Faults.Contains(FaultKind.SharedAddress):
                throw Breach($"{node} stops, though it is alone at its address: {cause}");
            default:
                break;
        }
    }

    private static bool Runs(SimulatedNode node, ulong process) => node.Cluster.Running.Any(other => other.ProcessId == process);

    private void RequireCause(SimulatedNode node, string address, ulong process, LeaveReason reason)
    {
        if (_left.Contains(process))
        {
            return;
        }

        if (reason == LeaveReason.NodeLeft)
        {
            throw Breach($"{node} says that {address} has left, which it has not");
        }

        var isSuperseded = node.Monitor.Members.Any(member => member.Node.Address == address && member.Node.Incarnation.ProcessId != process);
        var silence = _heard.TryGetValue((node.ProcessId, process), out var heard) ? node.Clock.Now - heard : TimeSpan.MaxValue;
        if (!isSuperseded && silence < node.Options.Membership.RemovedAfter)
        {
            throw Breach($"{node} removes {address}, of which it has heard {silence} ago");
        }
    }
}
