using Akka.Actor;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Reading;

namespace PresenceTracker.Actors;

/// <summary>Tells the gossip, and readers, which replicas a shard holds and how far it is with each.</summary>
internal sealed class ReplicaReporter(PresenceSet set, ShardView view, IActorRef heartbeat)
{
    private readonly SortedDictionary<ReplicaId, PullPosition> _reported = [];

    /// <summary>After anything that may have added, hidden or removed replicas.</summary>
    public void ReportAll()
    {
        var live = new SortedSet<ReplicaId>(set.LiveReplicas);
        foreach (var gone in _reported.Keys.Where(replica => !live.Contains(replica)).ToList())
        {
            _reported.Remove(gone);
            view.ForgetContext(gone);
            heartbeat.Tell(new GossipInput.ReplicaRemoved(gone));
        }

        foreach (var replica in live)
        {
            if (!_reported.ContainsKey(replica))
            {
                Add(replica);
            }
            else
            {
                Report(replica);
            }
        }
    }

    /// <summary>The epoch is over. Readers keep the contexts: the next epoch must get there.</summary>
    public void Withdraw()
    {
        foreach (var replica in _reported.Keys)
        {
            heartbeat.Tell(new GossipInput.ReplicaRemoved(replica));
        }

        _reported.Clear();
    }

    /// <summary>After a change of one replica. That of a node which is down or removed has no place in a digest.</summary>
    public void Report(ReplicaId replica)
    {
        if (_reported.TryGetValue(replica, out var reported) && set.PositionOf(replica) is { } position && position != reported)
        {
            _reported[replica] = position;
            view.PublishContext(replica, position.Context);
            heartbeat.Tell(new GossipInput.ContextMoved(replica, position));
        }
    }

    private void Add(ReplicaId replica)
    {
        var position = set.PositionOf(replica)!.Value;
        _reported.Add(replica, position);
        view.PublishContext(replica, position.Context);
        heartbeat.Tell(new GossipInput.ReplicaAdded(replica, position));
    }
}
