using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>The shell of the membership core, as <c>ReplicaMonitorActor</c> is.</summary>
internal sealed class SimulatedMonitor(SimulatedNode node, MembershipOptions options, NodeId self, Prng prng) : SimulatedActor(node, ActorName.Monitor)
{
    private readonly MembershipCore _core = new(options, self, prng);
    private readonly List<MembershipEffect> _effects = [];

    public IReadOnlyList<MemberView> Members => _core.Members;

    public NodeRecord Self => _core.Self;

    public void Start() => Handle(new MembershipInput.Started());

    protected override void Receive(object message)
    {
        if (message is MembershipEnvelope envelope)
        {
            Node.Cluster.Check(checker => checker.MembershipHandled(Node, envelope.From, envelope.Message));
            Handle(new MembershipInput.MessageReceived(envelope.From.Address, envelope.Message));
            return;
        }

        Handle((MembershipInput)message);
    }

    private void Handle(MembershipInput input)
    {
        _core.Handle(input, Node.Clock.Now, _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
        if (input is MembershipInput.LeaveRequested)
        {
            Tell(ActorName.Supervisor, new LeaveSent());
        }
    }

    private void Carry(MembershipEffect effect)
    {
        switch (effect)
        {
            case MembershipEffect.SendMessage(var address, var message):
                Node.Cluster.Check(checker => checker.MembershipSent(Node, message));
                Node.Cluster.Network.Send(Node, address, new MembershipEnvelope(Node, message));
                break;
            case MembershipEffect.ScheduleTimer(var timer, var after):
                Node.Schedule(Name, after, new MembershipInput.TimerFired(timer));
                break;
            case MembershipEffect.ReportViolation(var violation):
                Node.Cluster.Marks.Add($"violation {violation.Kind}");
                break;
            default:
                Node.Cluster.Trace.Write(Node, effect);
                Node.Cluster.Marks.Add($"membership: {effect.GetType().Name}");
                Node.Cluster.Check(checker => checker.MembershipDecided(Node, effect));
                Tell(ActorName.Supervisor, effect);
                break;
        }
    }

    /// <summary>Every peer has been told that this node leaves.</summary>
    public sealed record LeaveSent;
}
