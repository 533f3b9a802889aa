using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>The shell of the gossip core, as <c>HeartbeatActor</c> is.</summary>
internal sealed class SimulatedHeartbeat(SimulatedNode node, GossipOptions options, NodeId self, Prng prng) : SimulatedActor(node, ActorName.Heartbeat)
{
    private readonly GossipCore _core = new(options, self, prng);
    private readonly List<GossipEffect> _effects = [];
    private NodeId _self = self;

    protected override void Receive(object message)
    {
        switch (message)
        {
            case GossipEnvelope envelope:
                Handle(new GossipInput.MessageReceived(envelope.Sender, envelope.Message));
                break;
            case SelfRaised raised:
                _self = raised.Self;
                break;
            default:
                Handle((GossipInput)message);
                break;
        }
    }

    private void Handle(GossipInput input)
    {
        Node.Cluster.Check(checker => checker.GossipGiven(Node, input));
        _core.Handle(input, Node.Clock.Now, _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
    }

    private void Carry(GossipEffect effect)
    {
        switch (effect)
        {
            case GossipEffect.SendMessage(var to, var message):
                Node.Cluster.Check(checker => checker.GossipSent(Node, to, message));
                Node.Cluster.Network.Send(Node, to.Address, new GossipEnvelope(Node, _self, message));
                break;
            case GossipEffect.ScheduleTimer(var timer, var after):
                Node.Schedule(Name, after, new GossipInput.TimerFired(timer));
                break;
            case GossipEffect.Publish:
                Tell(ActorName.Overlay, effect);
                break;
            case GossipEffect.DeliverDots delivery:
                Tell(ActorName.Shard0 + delivery.Dots.Replica.Shard, delivery);
                break;
            case GossipEffect.ServePull pull:
                Tell(ActorName.Shard0 + pull.Replica.Shard, pull);
                break;
            case GossipEffect.ShowTarget:
                for (var shard = 0; shard < Node.Shards.Count; shard++)
                {
                    Tell(ActorName.Shard0 + shard, effect);
                }

                break;
            case GossipEffect.BecameSynced or GossipEffect.RootRests:
                Tell(ActorName.Supervisor, effect);
                break;
            case GossipEffect.ReportViolation(var violation, _):
                Node.Cluster.Marks.Add($"violation {violation}");
                break;
            default:
                throw new InvalidOperationException($"{effect.GetType().Name} is no effect that this shell knows");
        }
    }

    /// <summary>The node goes on under a higher incarnation.</summary>
    public sealed record SelfRaised(NodeId Self);
}
