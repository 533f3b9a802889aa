using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// The replicas of one shard. Only what the membership says creates, hides, shows or removes one. What is here, and what it costs, follows
/// the nodes that live, never the number of past restarts.
/// </summary>
internal sealed class ReplicaTable(ReplicaState self, Listing listing, LogBudget budget)
{
    private readonly SortedDictionary<ReplicaId, ReplicaState> _replicas = new() { [self.Id] = self };

    // The nodes that are up or suspect.
    private readonly SortedSet<NodeId> _liveNodes = [self.Id.Node];

    public IEnumerable<ReplicaId> Ids => _replicas.Keys;

    public IEnumerable<ReplicaId> LiveIds => _replicas.Keys.Where(replica => _liveNodes.Contains(replica.Node));

    /// <summary>Changes whenever the live replicas may have.</summary>
    public ulong Version { get; private set; }

    public bool HasWalks => _replicas.Values.Any(replica => replica.Visibility.Walk != WalkDirection.None);

    public ReplicaState? Get(ReplicaId id) => _replicas.TryGetValue(id, out var replica) ? replica : null;

    public void NodeUp(NodeRecord node)
    {
        SetLive(node.Node, isLive: true);
        var id = node.ReplicaOf(self.Id.Shard);
        if (Get(id) is { } known)
        {
            if (known.Visibility.Replaces is null)
            {
                // Removed a moment ago and back already: the purge turns round where it stands.
                known.Visibility.StartShowing();
            }

            return;
        }

        Add(new ReplicaState(id, budget, isShown: true));
    }

    public void NodeReturned(NodeRecord node)
    {
        SetLive(node.Node, isLive: true);
        var id = node.ReplicaOf(self.Id.Shard);
        var latest = OfNode(node.Node).LastOrDefault();
        if (latest is null)
        {
            Add(new ReplicaState(id, budget, isShown: true));
        }
        else if (latest.Id != id)
        {
            Add(Replacing(latest, id, CompleteAt(node)));
        }
    }

    public void ShowOnceAt(ReplicaId id, ulong context)
    {
        if (Get(id) is not { } replica || replica.Visibility.Replaces is not null)
        {
            return;
        }

        replica.Visibility.ShowAt = context;
        ContextMoved(replica);
    }

    public void ShowReturned(NodeId node)
    {
        foreach (var replica in OfNode(node))
        {
            if (replica.Visibility.Replaces is null)
            {
                replica.Visibility.StartShowing();
            }
        }
    }

    public void Hide(NodeId node, LeaveReason reason, bool isPurge, MonotonicTime now)
    {
        SetLive(node, isLive: false);
        foreach (var replica in OfNode(node))
        {
            // What is still shown in this one's stead goes with it, and for good.
            if (replica.Visibility.Replaces is { } replaced && Get(replaced) is { } old)
            {
                Hide(old, reason, isPurge: true, now);
            }

            replica.Visibility.Replaces = null;
            Hide(replica, reason, isPurge, now);
        }
    }

    public void NodeRenamed(NodeId old, NodeRecord node)
    {
        SetLive(old, isLive: false);
        SetLive(node.Node, isLive: true);
        var id = node.ReplicaOf(self.Id.Shard);
        foreach (var replica in OfNode(old))
        {
            if (Get(id) is null)
            {
                // Its target is not known before the shard's next epoch is announced.
                Add(Replacing(replica, id, completeAt: null));
            }
        }
    }

    public void EpochRaised(NodeId node, ShardEpoch epoch)
    {
        if (epoch.Shard != self.Id.Shard)
        {
            return;
        }

        var id = new ReplicaId(node, epoch.Shard, epoch.Epoch);
        if (Get(id) is not null || OfNode(node).LastOrDefault() is not { } latest)
        {
            return;
        }

        var replica = Replacing(latest, id, epoch.CompleteAt);
        Add(replica);
        ContextMoved(replica);
    }

    /// <summary>Shows a replica that waited for its context to be here.</summary>
    public void ContextMoved(ReplicaState replica)
    {
        var visibility = replica.Visibility;
        if (visibility.ShowAt is not { } target || replica.Context < target)
        {
            return;
        }

        if (visibility.Replaces is { } replaced && Get(replaced) is { } old)
        {
            VisibilityWalk.Replace(old, replica, listing);
            Drop(old);
        }
        else
        {
            visibility.StartShowing();
        }

        visibility.Replaces = null;
    }

    public void RunWalks(int entriesMax, MonotonicTime now)
    {
        foreach (var replica in _replicas.Values.Where(replica => replica.Visibility.Walk != WalkDirection.None).ToList())
        {
            VisibilityWalk.RunSlice(replica, listing, entriesMax, now);
            if (replica.Visibility.Walk == WalkDirection.None && replica.Visibility.IsPurge)
            {
                Drop(replica);
            }
        }
    }

    /// <summary>Where the logs take too much together, the longest forgets its older half.</summary>
    public void TrimLogs(int bytesMax)
    {
        while (budget.Bytes > bytesMax)
        {
            _replicas.Values.MaxBy(replica => replica.Log.Count)!.Log.DropOlderHalf();
        }
    }

    private void Add(ReplicaState replica)
    {
        _replicas.Add(replica.Id, replica);
        Version++;
    }

    private void SetLive(NodeId node, bool isLive)
    {
        if (isLive ? _liveNodes.Add(node) : _liveNodes.Remove(node))
        {
            Version++;
        }
    }

    private void Drop(ReplicaState replica)
    {
        replica.Log.RestartAt(replica.Context);
        _replicas.Remove(replica.Id);
        Version++;
    }

    private void Hide(ReplicaState replica, LeaveReason reason, bool isPurge, MonotonicTime now)
    {
        foreach (var departure in replica.Departures.TakeAll().Where(departure => departure.IsShown))
        {
            listing.LeaveOrHold(departure.Presence!, reason, now);
        }

        replica.Visibility.StartHiding(reason, isPurge, replica.HighestDot);
    }

    /// <summary>The replica that takes over from <paramref name="latest"/>, hidden until it is complete.</summary>
    private ReplicaState Replacing(ReplicaState latest, ReplicaId id, ulong? completeAt)
    {
        var replica = new ReplicaState(id, budget, isShown: false);
        replica.Visibility.ShowAt = completeAt;
        replica.Visibility.Replaces = latest.Id;
        if (latest.Visibility.Replaces is { } stillShown)
        {
            // The one in between was never complete, so it was never shown.
            replica.Visibility.Replaces = stillShown;
            Drop(latest);
        }

        return replica;
    }

    private ulong? CompleteAt(NodeRecord node)
    {
        foreach (var epoch in node.Epochs)
        {
            if (epoch.Shard == self.Id.Shard)
            {
                return epoch.CompleteAt;
            }
        }

        return null;
    }

    private List<ReplicaState> OfNode(NodeId node) => [.. _replicas.Values.Where(replica => replica.Id.Node == node)];
}
