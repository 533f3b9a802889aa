using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Topology;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>The shell of the topology core, as <c>OverlayActor</c> is.</summary>
internal sealed class SimulatedOverlay(SimulatedNode node, TopologyOptions options, NodeId self, Prng prng) : SimulatedActor(node, ActorName.Overlay)
{
    private readonly TopologyCore _core = new(options, self, prng);
    private readonly List<TopologyEffect> _effects = [];

    public NodeId Self => _core.Self;

    public IReadOnlyList<NodeId> ActiveView => _core.ActiveView;

    public IReadOnlyList<NodeId> PassiveView => _core.PassiveView;

    /// <summary>Whether gossip and membership were told to speak to neighbours only.</summary>
    public bool IsPartial { get; private set; }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case OverlayEnvelope envelope:
                Handle(new TopologyInput.OverlayReceived(envelope.Sender, envelope.Message));
                break;
            case BroadcastEnvelope envelope:
                Handle(new TopologyInput.BroadcastReceived(envelope.Sender, envelope.Message));
                break;
            case MembershipEffect.Broadcast(var announcement):
                Publish(new MembershipEnvelope(Node, announcement));
                break;
            case GossipEffect.Publish(var dots):
                Publish(new GossipEnvelope(Node, _core.Self, new GossipMessage.Push(0, dots)));
                break;
            default:
                Handle((TopologyInput)message);
                break;
        }
    }

    private void Publish(Envelope envelope)
    {
        Node.Cluster.Marks.Add($"broadcast to {envelope.To}");
        Handle(new TopologyInput.Publish(Node.Cluster.Payloads.Put(envelope)));
    }

    private void Handle(TopologyInput input)
    {
        Node.Cluster.Check(checker => checker.OverlayGiven(Node, input));
        _core.Handle(input, Node.Clock.Now, _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
        Node.Cluster.Check(checker => checker.OverlayHandled(Node));
    }

    private void Carry(TopologyEffect effect)
    {
        switch (effect)
        {
            case TopologyEffect.SendOverlay(var to, var message):
                Node.Cluster.Check(checker => checker.OverlaySent(Node, to, message));
                Node.Cluster.Network.Send(Node, to.Address, new OverlayEnvelope(Node, _core.Self, message));
                break;
            case TopologyEffect.SendBroadcast(var to, var message):
                Node.Cluster.Check(checker => checker.BroadcastSent(Node, message));
                Node.Cluster.Network.Send(Node, to.Address, new BroadcastEnvelope(Node, _core.Self, message));
                break;
            case TopologyEffect.ScheduleTimer(var timer, var after):
                Node.Schedule(Name, after, new TopologyInput.TimerFired(timer));
                break;
            case TopologyEffect.Deliver deliver:
                Deliver(deliver);
                break;
            case TopologyEffect.LinksChanged(var neighbors):
                IsPartial = neighbors is not null;
                Node.Cluster.Marks.Add(IsPartial ? "speaks to neighbours" : "speaks to all again");
                Node.Cluster.Trace.Write(Node, $"speaks to {(neighbors is { } some ? string.Join(", ", some) : "all")}");
                Tell(ActorName.Heartbeat, new GossipInput.LinksChanged(neighbors));
                Tell(ActorName.Monitor, new MembershipInput.LinksChanged(neighbors));
                break;
            case TopologyEffect.ReportOverlay(var violation, _):
                Node.Cluster.Marks.Add($"violation {violation}");
                break;
            case TopologyEffect.ReportBroadcast(var violation, _):
                Node.Cluster.Marks.Add($"violation {violation}");
                break;
            default:
                throw new InvalidOperationException($"{effect.GetType().Name} is no effect that this shell knows");
        }
    }

    private void Deliver(TopologyEffect.Deliver deliver)
    {
        var payload = Node.Cluster.Payloads.Get(deliver.Payload);
        Node.Cluster.Check(checker => checker.BroadcastDelivered(Node, payload.From));
        if (payload is GossipEnvelope { Message: GossipMessage.Push push })
        {
            Tell(ActorName.Heartbeat, new GossipInput.BroadcastReceived(deliver.Via, push.Dots));
        }
        else
        {
            Tell(ActorName.Monitor, payload);
        }
    }
}
