using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Faults;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>
/// Nobody is removed who said within the time that down nodes are kept what no doubt of it stands against, who is not superseded and has not
/// left; nobody is doubted once all is calm; and nobody gives way unless there was a second process at its address.
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
        if (RecordIn(message) is { } record && !IsDoubted(node, record))
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

    private static NodeRecord? RecordIn(MembershipMessage message) => message switch
    {
        MembershipMessage.Hello hello => hello.Self,
        MembershipMessage.Welcome welcome => welcome.Self,
        MembershipMessage.Ping ping => ping.Self,
        MembershipMessage.PingRequest request => request.Self,
        MembershipMessage.Ack ack => ack.Self,
        MembershipMessage.Nack nack => nack.Self,
        MembershipMessage.Announcement announcement => announcement.Self,
        _ => null,
    };

    // What a node says at the refutation at which it is held as down is no proof of life.
    private static bool IsDoubted(SimulatedNode node, NodeRecord record) => node.Monitor.Members.Any(member =>
        member.Node == record.Node && member.State == MemberState.Down && member.Refutation >= record.Refutation);

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
            throw Breach($"{node} removes {address}, of which it has heard a proof of life {silence} ago");
        }
    }
}
