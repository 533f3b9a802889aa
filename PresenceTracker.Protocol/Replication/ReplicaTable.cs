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

    /// <summary>0 if there is no such presence, or it is no lease.</summary>
    public int HighestTermOf(PresenceId id)
    {
        var highest = 0;
        foreach (var replica in _replicas.Values)
        {
            highest = Math.Max(highest, replica.Get(id)?.Term ?? 0);
        }

        return highest;
    }

    public IEnumerable<PresenceId> HeldBy(NodeId node, IEnumerable<PresenceId> ids)
    {
        var replicas = OfNode(node);
        return ids.Where(id => replicas.Exists(replica => replica.Get(id) is not null));
    }

    public void NodeUp(NodeRecord node)
    {
        // Removed a moment ago and back already: the purge turns round where it stands.
        if (ComeBack(node) is { } known && ReplacedBy(known) is null)
        {
            Show(known);
        }
    }

    public void NodeReturned(NodeRecord node) => ComeBack(node);

    public void ShowOnceAt(ReplicaId id, ulong context)
    {
        // A digest may arrive after the word that its node is down or removed; it must not bring the node back.
        if (Get(id) is { } replica && _liveNodes.Contains(id.Node))
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

        foreach (var replica in OfNode(node).Where(replica => ReplacedBy(replica) is null))
        {
            Show(replica);
        }
    }

    public void Hide(NodeId node, LeaveReason reason, bool isPurge, MonotonicTime now)
    {
        SetLive(node, isLive: false);
        foreach (var replica in OfNode(node))
        {
            Hide(replica, reason, isPurge, now);
            if (ReplacedBy(replica) is { } old)
            {
                // What is still shown in this one's stead goes with it.
                Hide(old, reason, isPurge: true, now);
            }
        }
    }

    public void NodeRenamed(NodeId old, NodeRecord node)
    {
        SetLive(old, isLive: false);
        SetLive(node.Node, isLive: true);
        if (OfNode(old).LastOrDefault() is { } latest)
        {
            AddReplacing(latest, node);
        }
    }

    public void EpochRaised(NodeId node, ShardEpoch epoch)
    {
        // A node that is away brings its epochs along when it returns.
        if (epoch.Shard == self.Id.Shard && _liveNodes.Contains(node) && OfNode(node).LastOrDefault() is { } latest)
        {
            AddReplacing(latest, new NodeRecord(node, 0, [epoch]));
        }
    }

    /// <summary>Shows a replica that waited for its context to be here.</summary>
    public void ContextMoved(ReplicaState replica)
    {
        var visibility = replica.Visibility;
        if (ReplacedBy(replica) is { } old)
        {
            // A process that raised its counter before its shards started has written nothing under the old one, and no epoch follows that
            // would say when the new one is complete. Where nothing ever came of the old one, there is nothing to keep visible.
            var isDue = replica.HasAllSince(visibility.CompleteAt) || old.Horizon == 0;
            if (isDue && _liveNodes.Contains(replica.Id.Node))
            {
                VisibilityWalk.Replace(old, replica, listing);
                Drop(old);
            }
        }
        else if (replica.Context >= visibility.ShowAt)
        {
            Show(replica);
        }
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

    /// <summary>Where the logs take too much memory together, the longest forgets its older half.</summary>
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

    /// <summary>What is hidden or purged of the node stops where it stands.</summary>
    /// <returns>The node's replica if some replica of the process was known before; null if none was.</returns>
    private ReplicaState? ComeBack(NodeRecord node)
    {
        SetLive(node.Node, isLive: true);
        var id = node.ReplicaOf(self.Id.Shard);
        if (_replicas.Values.LastOrDefault(replica => IsOfProcess(replica.Id.Node, node.Node)) is not { } latest)
        {
            Add(new ReplicaState(id, budget, isShown: true));
            return null;
        }

        Return(latest);
        if (ReplacedBy(latest) is { } old)
        {
            Return(old);
            ContextMoved(latest);
        }

        AddReplacing(latest, node);
        return Get(id);
    }

    // It may have raised its own incarnation while it was away.
    private static bool IsOfProcess(NodeId node, NodeId other) =>
        node.Address == other.Address && node.Incarnation.ProcessId == other.Incarnation.ProcessId;

    private void Return(ReplicaState replica)
    {
        replica.Visibility.Return();
        NoteWalk(replica);
    }

    /// <summary>The older replica that is still there in this one's stead.</summary>
    private ReplicaState? ReplacedBy(ReplicaState replica) => replica.Visibility.Replaces is { } old ? Get(old) : null;

    /// <summary>
    /// Adds the replica that takes over from <paramref name="latest"/>, hidden until it is complete; an older one is ignored.
    /// </summary>
    private void AddReplacing(ReplicaState latest, NodeRecord node)
    {
        var id = node.ReplicaOf(self.Id.Shard);
        if (id.CompareTo(latest.Id) <= 0)
        {
            return;
        }

        var replica = new ReplicaState(id, budget, isShown: false);

        // After a mere change of its name, the shard's next epoch follows and says when it is complete.
        replica.Visibility.CompleteAt = id.Epoch > latest.Id.Epoch ? CompleteAt(node) : null;
        replica.Visibility.Replaces = latest.Id;
        if (ReplacedBy(latest) is { } stillShown)
        {
            // The one in between was never complete, so it was never shown.
            replica.Visibility.Replaces = stillShown.Id;
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
