using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>
/// The shell of the lease core, as <c>LeaseActor</c> is. Each request has one call, or ends that one shard repeats, which have no owner.
/// </summary>
internal sealed class SimulatedLeases(SimulatedNode node) : SimulatedActor(node, ActorName.Leases)
{
    private readonly LeaseCore _core = new(new LeaseOptions(), node.ProcessId);
    private readonly List<LeaseEffect> _effects = [];
    private readonly SortedDictionary<ulong, Action<TrackResult?>> _asked = [];
    private ulong _lastNumber;

    protected override void Receive(object message)
    {
        switch (message)
        {
            case LeaseEnvelope envelope:
                Handle(new LeaseInput.MessageReceived(envelope.Sender, envelope.Message));
                break;
            case Ask ask:
                _asked.Add(++_lastNumber, ask.Completed);
                Handle(new LeaseInput.Asked(_lastNumber, ask.Holder, [ask.Call]));
                break;
            case MembershipEffect effect:
                foreach (var input in InputsOf(effect))
                {
                    Handle(input);
                }

                break;
            default:
                Handle((LeaseInput)message);
                break;
        }
    }

    private static IEnumerable<LeaseInput> InputsOf(MembershipEffect effect) => effect switch
    {
        MembershipEffect.NodeUp(var record) => [new LeaseInput.PeerUp(record.Node)],
        MembershipEffect.NodeReturned(var record) => [new LeaseInput.PeerUp(record.Node)],
        MembershipEffect.NodeDown(var peer) => [new LeaseInput.PeerGone(peer)],
        MembershipEffect.NodeRemoved(var peer, _) => [new LeaseInput.PeerGone(peer)],
        MembershipEffect.NodeRenamed(var old, var record) => [new LeaseInput.PeerGone(old), new LeaseInput.PeerUp(record.Node)],
        _ => [],
    };

    private void Handle(LeaseInput input)
    {
        _core.Handle(input, Node.Clock.Now, _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
    }

    private void Carry(LeaseEffect effect)
    {
        switch (effect)
        {
            case LeaseEffect.SendMessage(var to, var message):
                Node.Cluster.Network.Send(Node, to.Address, new LeaseEnvelope(Node, Node.Directory.Self, message));
                break;
            case LeaseEffect.ScheduleTimer(var token, var after):
                Node.Schedule(Name, after, new LeaseInput.AnswerOverdue(token));
                break;
            case LeaseEffect.Serve serve:
                Serve(serve);
                break;
            case LeaseEffect.Settle(var number, var outcome, var results):
                Node.Cluster.Marks.Add($"lease request: {outcome}");
                _asked.Remove(number, out var completed);
                TrackResult? result = outcome == LeaseOutcome.Answered ? results.Single() : null;
                Tell(ActorName.Caller, (Action)(() => completed!(result)));
                break;
            case LeaseEffect.ForgetEnds(var ends):
                foreach (var end in ends)
                {
                    Tell(ActorName.Shard0 + StableHash.ShardOf(end.Id.Topic, Node.Options.Shards), new ReplicationInput.EndedLeaseLives(end));
                }

                break;
            case LeaseEffect.ReportEndsForgotten:
                Node.Cluster.Marks.Add("ends of leases forgotten");
                break;
            case LeaseEffect.ReportViolation(var violation, _):
                Node.Cluster.Marks.Add($"violation {violation}");
                break;
            default:
                throw new InvalidOperationException($"{effect.GetType().Name} is no effect that this shell knows");
        }
    }

    private void Serve(LeaseEffect.Serve serve)
    {
        var first = serve.Calls[0];
        var owner = new SimulatedOwner(OwnerKind.Lease, first.Id.Owner, first.Duration);
        Tell(
            ActorName.Shard0 + StableHash.ShardOf(first.Id.Topic, Node.Options.Shards),
            new ShardRequest([.. serve.Calls.Select(OperationOf)], owner, results => Tell(
                Name, new LeaseInput.Served(serve.To, serve.Token, results is { } done ? [.. done.Select(one => one.Result)] : default))));
    }

    private WriteOperation OperationOf(LeaseCall call) => call switch
    {
        { IsEnd: false } => new WriteOperation.Renew(call.Id, Node.NextRef(), call.Meta),
        { UnrenewedSince: { } since } => new WriteOperation.EndLeaseAgain(call.Id, since),
        _ => new WriteOperation.EndLease(call.Id),
    };

    /// <summary>A caller of this node wants this of the node that holds the lease.</summary>
    /// <param name="Completed">Told of the result, or of null if the holder has not answered.</param>
    public sealed record Ask(NodeId Holder, LeaseCall Call, Action<TrackResult?> Completed);
}
