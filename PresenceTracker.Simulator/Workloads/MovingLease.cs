using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
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

    public void RenewThrough(SimulatedNode node) => Call(node, () =>
    {
        var listed = ListedOn(node).ToList();
        if (listed.Count == 0 || listed.Exists(presence => IsOn(node, presence)))
        {
            Track(node);
            return;
        }

        var newest = listed.Aggregate((one, other) => other.IsNewerThan(one) ? other : one);
        Ask(node, newest.Node, LeaseCall.Renewal(Id, Duration, meta: null), result =>
        {
            if (result is null or { Status: TrackStatus.NotTracked })
            {
                Track(node);
            }
        });
    });

    /// <summary>Wherever an end does not come to, the lease runs out.</summary>
    public void EndThrough(SimulatedNode node)
    {
        IsEnded = true;
        Call(node, () =>
        {
            foreach (var presence in ListedOn(node).Where(presence => !IsOn(node, presence)).ToList())
            {
                Ask(node, presence.Node, LeaseCall.End(Id), _ => { });
            }

            node.Tell(ShardOn(node).Name, new ShardRequest([new WriteOperation.EndLease(Id)], Owner: null, Completed: null));
        });
    }

    /// <summary>Nobody renews it any more.</summary>
    public void Abandon() => IsEnded = true;

    private static void Call(SimulatedNode node, Action call) => node.Tell(ActorName.Caller, call);

    private static void Ask(SimulatedNode node, NodeId holder, LeaseCall call, Action<TrackResult?> completed) =>
        node.Tell(ActorName.Leases, new SimulatedLeases.Ask(holder, call, completed));

    private static bool IsOn(SimulatedNode node, Presence presence) => presence.Node.Address == node.Address;

    private void Track(SimulatedNode node) => node.Tell(ShardOn(node).Name, new ShardRequest(
        [new WriteOperation.Track(Id, node.NextRef(), Meta, TimeSpan.Zero, OrUpdate: false, IsLease: true)],
        _owner,
        results =>
        {
            if (results is [{ Result.Status: TrackStatus.Tracked, Presence.Term: > 1 }])
            {
                node.Cluster.Marks.Add("lease taken over");
            }
        }));

    private IEnumerable<Presence> ListedOn(SimulatedNode node) =>
        ShardOn(node).View.Topic(Id.Topic).GetByKey(Id.Key).Where(presence => presence.Owner == Id.Owner);

    private SimulatedShard ShardOn(SimulatedNode node) => node.Shards[StableHash.ShardOf(Id.Topic, node.Options.Shards)];
}
