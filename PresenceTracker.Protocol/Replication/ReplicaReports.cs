using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Replication;

/// <summary>Tells the gossip, and readers, which replicas a shard holds and how far it is with each.</summary>
internal sealed class ReplicaReports(PresenceSet set, ReaderPublication publication)
{
    private readonly SortedDictionary<ReplicaId, PullPosition> _reported = [];

    /// <summary>After anything that may have added, hidden or removed replicas.</summary>
    public void ReportAll(List<ReplicationEffect> effects)
    {
        var live = new SortedSet<ReplicaId>(set.LiveReplicas);
        foreach (var gone in _reported.Keys.Where(replica => !live.Contains(replica)).ToList())
        {
            _reported.Remove(gone);
            publication.ForgetContext(gone, effects);
            Tell(new GossipInput.ReplicaRemoved(gone), effects);
        }

        foreach (var replica in live)
        {
            if (!_reported.ContainsKey(replica))
            {
                Add(replica, effects);
            }
            else
            {
                Report(replica, effects);
            }
        }
    }

    /// <summary>After a change of one replica. That of a node which is down or removed has no place in a digest.</summary>
    public void Report(ReplicaId replica, List<ReplicationEffect> effects)
    {
        if (_reported.TryGetValue(replica, out var reported) && set.PositionOf(replica) is { } position && position != reported)
        {
            _reported[replica] = position;
            publication.PublishContext(replica, position.Context, effects);
            Tell(new GossipInput.ContextMoved(replica, position), effects);
        }
    }

    /// <summary>The epoch is over. Readers keep the contexts: the next epoch must get there.</summary>
    public void Withdraw(List<ReplicationEffect> effects)
    {
        foreach (var replica in _reported.Keys)
        {
            Tell(new GossipInput.ReplicaRemoved(replica), effects);
        }

        _reported.Clear();
    }

    private void Add(ReplicaId replica, List<ReplicationEffect> effects)
    {
        var position = set.PositionOf(replica)!.Value;
        _reported.Add(replica, position);
        publication.PublishContext(replica, position.Context, effects);
        Tell(new GossipInput.ReplicaAdded(replica, position), effects);
    }

    private static void Tell(GossipInput input, List<ReplicationEffect> effects) => effects.Add(new ReplicationEffect.TellGossip(input));
}
