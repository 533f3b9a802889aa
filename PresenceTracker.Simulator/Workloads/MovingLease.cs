using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Faults;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Workloads;

/// <summary>
/// A lease that a backend keeps through whichever node it reaches, and not for an answer's sake: what is lost, the next renewal makes good. The
/// node that is asked does what <c>LeaseForwarding</c> does: it asks the holder that its readers see, and takes over what that does not answer.
/// </summary>
internal sealed class MovingLease(PresenceId id, Meta meta, TimeSpan duration)
{
    private readonly SimulatedOwner _owner = new(OwnerKind.Lease, id.Owner, duration);

    public PresenceId Id { get; } = id;

    public Meta Meta { get; } = meta;

    public TimeSpan Duration { get; } = duration;

    /// <summary>Whether nobody keeps it any more: nothing of it may stay.</summary>
    public bool IsEnded { get; private set; }

    /// <param name="settled">
    /// Told whether nothing that was asked of another node can have its effect any more; told nothing if the node dies before.
    /// </param>
    public void RenewThrough(SimulatedNode node, Action<bool>? settled = null) => Call(node, () =>
    {
        var listed = ListedOn(node).ToList();
        if (listed.Count == 0 || listed.Exists(presence => IsOn(node, presence)))
        {
            Track(node, () => settled?.Invoke(true));
            return;
        }

        var newest = listed.Aggregate((one, other) => other.IsNewerThan(one) ? other : one);
        Ask(node, newest.Node, LeaseCall.Renewal(Id, Duration, meta: null), result =>
        {
            var isSettled = result is not null && !node.Options.Faults.Contains(FaultKind.Duplication);
            if (result is null or { Status: TrackStatus.NotTracked })
            {
                Track(node, () => settled?.Invoke(isSettled));
            }
            else
            {
                settled?.Invoke(isSettled);
            }
        });
    });

    /// <summary>Wherever an end does not come to, the lease runs out.</summary>
    /// <param name="acknowledged">Called once everybody who was asked has answered, which may be never.</param>
    public void EndThrough(SimulatedNode node, Action? acknowledged = null)
    {
        IsEnded = true;
        Call(node, () =>
        {
            var others = ListedOn(node).Where(presence => !IsOn(node, presence)).ToList();
            var waiting = others.Count + 1;
            void Answered(bool isAnswered)
            {
                if (isAnswered && --waiting == 0)
                {
                    acknowledged?.Invoke();
                }
            }

            foreach (var presence in others)
            {
                Ask(node, presence.Node, LeaseCall.End(Id), result => Answered(result is not null));
            }

            node.Tell(ShardOn(node).Name, new ShardRequest(
                [new WriteOperation.EndLease(Id)], Owner: null, results => Answered(results is not null)));
        });
    }

    /// <summary>Nobody renews it any more.</summary>
    public void Abandon() => IsEnded = true;

    public bool IsListedOn(SimulatedNode node) => node.Shards.Count > 0 && ListedOn(node).Any();

    /// <summary>What the node's shard of the lease is now: another one after each crash of it.</summary>
    public ReplicaId ReplicaOn(SimulatedNode node) => ShardOn(node).Core.Self;

    private static void Call(SimulatedNode node, Action call) => node.Tell(ActorName.Caller, call);

    private static void Ask(SimulatedNode node, NodeId holder, LeaseCall call, Action<TrackResult?> completed) =>
        node.Tell(ActorName.Leases, new SimulatedLeases.Ask(holder, call, completed));

    private static bool IsOn(SimulatedNode node, Presence presence) => presence.Node.Address == node.Address;

    private void Track(SimulatedNode node, Action done) => node.Tell(ShardOn(node).Name, new ShardRequest(
        [new WriteOperation.Track(Id, node.NextRef(), Meta, TimeSpan.Zero, OrUpdate: false, IsLease: true)],
        _owner,
        results =>
        {
            if (results is [{ Result.Status: TrackStatus.Tracked, Presence.Term: > 1 }])
            {
                node.Cluster.Marks.Add("lease taken over");
            }

            done();
        }));

    private IEnumerable<Presence> ListedOn(SimulatedNode node) =>
        ShardOn(node).View.Topic(Id.Topic).GetByKey(Id.Key).Where(presence => presence.Owner == Id.Owner);

    private SimulatedShard ShardOn(SimulatedNode node) => node.Shards[StableHash.ShardOf(Id.Topic, node.Options.Shards)];
}
