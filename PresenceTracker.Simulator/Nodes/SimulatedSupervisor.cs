using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Topology;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>Starts the shards of a node and tells them what the membership decides, as <c>PresenceSupervisor</c> does.</summary>
internal sealed class SimulatedSupervisor(SimulatedNode node) : SimulatedActor(node, ActorName.Supervisor)
{
    private readonly List<MembershipEffect> _early = [];
    private ShardIdentity[] _identities = [];
    private bool _isStarted;

    protected override void Receive(object message)
    {
        switch (message)
        {
            case MembershipEffect.StopNode(var cause):
                Node.Cluster.Marks.Add("gave way to another process");
                Node.End($"{cause}");
                break;
            case MembershipEffect.Broadcast:
                Tell(ActorName.Overlay, message);
                break;
            case MembershipEffect effect:
                Route(effect);
                break;
            case GossipEffect.RootRests(var root):
                Tell(ActorName.Monitor, new MembershipInput.RootRests(root));
                break;
            case GossipEffect.BecameSynced:
                Node.IsReady = true;
                break;
            case IntroductionRequested requested:
                Introduce(requested.Shard);
                break;
            case ReplicationEffect.AnnounceEpoch announce:
                Tell(ActorName.Monitor, new MembershipInput.ShardEpochCompleted(announce.Epoch));
                break;
            case MembershipInput.LeaveRequested leave:
                Tell(ActorName.Monitor, leave);
                break;
            case SimulatedMonitor.LeaveSent:
                Node.End("it left");
                break;
            default:
                throw new InvalidOperationException($"{message} is nothing for a supervisor");
        }
    }

    private void Route(MembershipEffect effect)
    {
        Node.Directory.Apply(effect);
        Tell(ActorName.Leases, effect);
        if (effect is MembershipEffect.Announceable announceable)
        {
            StartShards(announceable.Self);
        }
        else if (!_isStarted)
        {
            _early.Add(effect);
        }
        else
        {
            Tell(effect);
        }
    }

    private void StartShards(NodeId self)
    {
        _isStarted = true;
        _identities = [.. Enumerable.Range(0, Node.Options.Shards).Select(shard => new ShardIdentity(self, shard))];
        Node.StartShards(self, _identities);
        Tell(ActorName.Heartbeat, new GossipInput.Started());
        foreach (var effect in _early)
        {
            Tell(effect);
        }

        _early.Clear();
    }

    private void Tell(MembershipEffect effect)
    {
        foreach (var input in PeerInputs.Of(effect))
        {
            Tell(ActorName.Heartbeat, input);
        }

        Tell(ActorName.Overlay, new TopologyInput.FromMembership(effect));
        if (effect is MembershipEffect.SelfRaised raised)
        {
            Raise(raised.Node);
            return;
        }

        for (var shard = 0; shard < _identities.Length; shard++)
        {
            Tell(ActorName.Shard0 + shard, effect);
        }
    }

    private void Raise(NodeId self)
    {
        Node.Cluster.Marks.Add("raised its counter while running");
        Tell(ActorName.Heartbeat, new SimulatedHeartbeat.SelfRaised(self));
        for (var shard = 0; shard < _identities.Length; shard++)
        {
            _identities[shard].Node = self;
            Node.Shards[shard].Restart();
        }
    }

    private void Introduce(int shard)
    {
        foreach (var introduction in Node.Directory.Introductions)
        {
            Tell(ActorName.Shard0 + shard, introduction);
        }

        Tell(ActorName.Shard0 + shard, new ReplicationInput.Introduced());
    }

    /// <summary>A shard that begins an epoch knows nobody yet.</summary>
    public sealed record IntroductionRequested(int Shard);
}
