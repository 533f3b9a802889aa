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

    private readonly SortedSet<ReplicaId> _walking = [];

    public IEnumerable<ReplicaId> Ids => _replicas.Keys;

    public IEnumerable<ReplicaId> LiveIds => _replicas.Keys.Where(replica => _liveNodes.Contains(replica.Node));

    /// <summary>Changes whenever the live replicas may have.</summary>
    public ulong Version { get; private set; }

    public bool HasWalks => _walking.Count > 0;

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
                Show(known);
            }

            return;
        }

        Add(new ReplicaState(id, budget, isShown: true));
    }

    public void NodeReturned(NodeRecord node)
    {
        SetLive(node.Node, isLive: true);
        var id = node.ReplicaOf(self.Id.Shard);
        if (OfNode(node.Node).LastOrDefault() is not { } latest)
        {
            Add(new ReplicaState(id, budget, isShown: true));
            return;
        }

        latest.Visibility.Return();
        NoteWalk(latest);
        AddReplacing(latest, id, CompleteAt(node));
    }

    public void ShowOnceAt(ReplicaId id, ulong context)
    {
        // A digest may arrive after the word that its node is down or removed; it must not bring the node back.
        if (Get(id) is { } replica && _liveNodes.Contains(id.Node) && replica.Visibility.Replaces is null)
        {
            replica.Visibility.ShowAt = context;
            ContextMoved(replica);
        }
    }

    public void ShowReturned(NodeId node)
    {
        if (!_liveNodes.Contains(node))
        {
            return;
        }

        foreach (var replica in OfNode(node).Where(replica => replica.Visibility.Replaces is null))
        {
            Show(replica);
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
        if (OfNode(old).LastOrDefault() is { } latest)
        {
            // The shard's next epoch says when it is complete; it follows, unless it has overtaken the news of the new name.
            var id = node.ReplicaOf(self.Id.Shard);
            AddReplacing(latest, id, id.Epoch > latest.Id.Epoch ? CompleteAt(node) : null);
        }
    }

    public void EpochRaised(NodeId node, ShardEpoch epoch)
    {
        // A node that is away brings its epochs along when it returns.
        if (epoch.Shard == self.Id.Shard && _liveNodes.Contains(node) && OfNode(node).LastOrDefault() is { } latest)
        {
            AddReplacing(latest, new ReplicaId(node, epoch.Shard, epoch.Epoch), epoch.CompleteAt);
        }
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
            Show(replica);
        }

        visibility.Replaces = null;
    }

    public void RunWalks(int entriesMax, MonotonicTime now)
    {
        var left = entriesMax;
        while (left > 0 && _walking.Count > 0)
        {
            var replica = _replicas[_walking.Min!];
            left -= VisibilityWalk.RunSlice(replica, listing, left, now);
            NoteWalk(replica);
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
        _walking.Remove(replica.Id);
        Version++;
    }

    private void Hide(ReplicaState replica, LeaveReason reason, bool isPurge, MonotonicTime now)
    {
        VisibilityWalk.HideDepartures(replica, listing, reason, now);
        replica.Visibility.StartHiding(reason, isPurge, replica.HighestDot);
        NoteWalk(replica);
    }

    private void Show(ReplicaState replica)
    {
        replica.Visibility.StartShowing();
        NoteWalk(replica);
    }

    private void NoteWalk(ReplicaState replica)
    {
        if (replica.Visibility.Walk == WalkDirection.None)
        {
            _walking.Remove(replica.Id);
        }
        else
        {
            _walking.Add(replica.Id);
        }
    }

    /// <summary>Adds the replica that takes over from <paramref name="latest"/>, hidden until it is complete; an older one is ignored.</summary>
    private void AddReplacing(ReplicaState latest, ReplicaId id, ulong? completeAt)
    {
        if (id.CompareTo(latest.Id) <= 0)
        {
            return;
        }

        var replica = new ReplicaState(id, budget, isShown: false);
        replica.Visibility.ShowAt = completeAt;
        replica.Visibility.Replaces = latest.Id;
        if (latest.Visibility.Replaces is { } stillShown)
        {
            // The one in between was never complete, so it was never shown.
            replica.Visibility.Replaces = stillShown;
            Drop(latest);
        }

        Add(replica);
        ContextMoved(replica);
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
