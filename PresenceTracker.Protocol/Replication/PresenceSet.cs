using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// The presences of one shard: an observed-remove set with one writer per dot. The state is a map replica → (context, entries by dot); a
/// remove takes away exactly the dots that it has observed, and there are no tombstones.
/// </summary>
/// <remarks>
/// Not thread-safe: one shard owns it. Calls change it within a turn; <see cref="CompleteTurn"/> hands out what changed for readers.
/// </remarks>
public sealed class PresenceSet
{
    private readonly PresenceSetOptions _options;
    private readonly ReplicaState _self;
    private readonly ReplicaTable _replicas;
    private readonly Listing _listing;
    private readonly LogBudget _budget = new();
    private readonly List<PresenceId> _ownEnded = [];

    /// <param name="version">Where the versions of the views go on: those of the epoch before, if there was one.</param>
    public PresenceSet(ReplicaId self, PresenceSetOptions options, ulong version = 0)
    {
        _options = options;
        Self = self;
        _listing = new Listing(self, version, EndOwn);
        _self = new ReplicaState(self, _budget, isShown: true);
        _replicas = new ReplicaTable(_self, _listing, _budget);
    }

    /// <summary>The replica that this set writes.</summary>
    public ReplicaId Self { get; }

    /// <summary>The sequence of the last own operation.</summary>
    public ulong Context => _self.Context;

    /// <summary>When <see cref="ExpireHolds"/> is due next; null if nothing is held.</summary>
    public MonotonicTime? NextHoldDeadline => _listing.NextHoldDeadline;

    /// <summary>Every replica held, hidden ones too, by replica. For tests: that none is kept for ever shows nowhere else.</summary>
    internal IEnumerable<ReplicaId> Replicas => _replicas.Ids;

    /// <summary>What the logs of all replicas take.</summary>
    internal long LogBytes => _budget.Bytes;

    /// <summary>The replicas of nodes that are up, the own one included, by replica: those that take part in digests.</summary>
    public IEnumerable<ReplicaId> LiveReplicas => _replicas.LiveIds;

    /// <summary>Changes whenever <see cref="LiveReplicas"/> may have.</summary>
    public ulong ReplicasVersion => _replicas.Version;

    /// <summary>The version of the readable state after the last turn.</summary>
    public ulong Version => _listing.Version;

    /// <summary>Whether <see cref="RunWalks"/> has anything to do.</summary>
    public bool HasWalks => _replicas.HasWalks;

    /// <summary>Where this set stands on a replica; null if the membership has not told of it.</summary>
    public PullPosition? PositionOf(ReplicaId replica) =>
        _replicas.Get(replica) is { } state ? new PullPosition(state.Context, state.Known.CoveredTo, state.Known.CoveredAsOf) : null;

    /// <summary>Whether everything of the replica that was live at that version is here, or what became of it.</summary>
    public bool HasAllSince(ReplicaId replica, ulong version) => _replicas.Get(replica) is { } state && state.HasAllSince(version);

    /// <summary>The own presence of this id, held ones too.</summary>
    public Presence? Own(PresenceId id) => _self.Get(id);

    /// <summary>Those of these ids of which the node holds a presence, as far as is known, hidden or not.</summary>
    public IEnumerable<PresenceId> HeldBy(NodeId node, IEnumerable<PresenceId> ids) => _replicas.HeldBy(node, ids);

    /// <summary>
    /// The term of a lease that this node takes: above every one of the same topic, key and owner that it knows, hidden ones too.
    /// </summary>
    public int NextTerm(PresenceId id)
    {
        var highest = Math.Max(_replicas.HighestTermOf(id), _listing.HighestTermOf(id));

        // So many take-overs there are not; but no peer can make the number run over.
        return highest == int.MaxValue ? highest : highest + 1;
    }

    /// <summary>
    /// Lists a presence of this node. Nothing changes if the owner already tracks the key in the topic. A lease of which another node lists a
    /// newer presence ends in the same turn, as <see cref="Turn.OwnEnded"/> tells.
    /// </summary>
    /// <param name="term">Of a lease: <see cref="NextTerm"/>, or what it had before a crash. 0 for other owners.</param>
    public TrackResult Track(PresenceId id, string @ref, Meta meta, TimeSpan leaveGrace, int term = 0)
    {
        if (_self.Get(id) is { } existing)
        {
            _listing.Release(existing);
            return new TrackResult(TrackStatus.AlreadyTracked, existing.Ref);
        }

        var presence = new Presence(Self, NextSequence(), id, @ref, meta, leaveGrace, term);
        _self.Insert(presence);
        CompleteOperation(presence.Dot);
        _listing.Join(presence);
        return new TrackResult(TrackStatus.Tracked, @ref);
    }

    /// <summary>
    /// Gives a presence of this node another meta and ref. A structurally equal meta changes nothing. What is held stays held: an update may
    /// have been under way when its connection broke.
    /// </summary>
    /// <param name="expectedRef">If not null, the ref that the presence must still have.</param>
    public TrackResult Update(PresenceId id, string @ref, Meta meta, string? expectedRef = null)
    {
        if (_self.Get(id) is not { } existing)
        {
            return new TrackResult(TrackStatus.NotTracked, null);
        }

        if (expectedRef is not null && expectedRef != existing.Ref)
        {
            return new TrackResult(TrackStatus.Conflict, existing.Ref);
        }

        if (existing.Meta.StructurallyEquals(meta))
        {
            return new TrackResult(TrackStatus.Unchanged, existing.Ref);
        }

        var presence = new Presence(Self, NextSequence(), id, @ref, meta, existing.LeaveGrace, existing.Term);
        _self.Remove(existing);
        _self.Insert(presence);
        _self.Log.Append(new Removal(presence.Dot, existing.Dot, RemovalCause.Updated));
        _listing.Update(existing, presence);
        CompleteOperation(presence.Dot);
        return new TrackResult(TrackStatus.Updated, @ref);
    }

    /// <summary>Ends a presence of this node.</summary>
    public TrackResult Untrack(PresenceId id, RemovalCause cause)
    {
        if (_self.Get(id) is not { } existing)
        {
            return new TrackResult(TrackStatus.NotTracked, null);
        }

        var sequence = NextSequence();
        _self.Remove(existing);
        _self.Log.Append(new Removal(sequence, existing.Dot, cause));
        _listing.Leave(existing, (LeaveReason)cause);
        CompleteOperation(sequence);
        return new TrackResult(TrackStatus.Untracked, null);
    }

    /// <summary>
    /// The connection that owns the presence broke: it is held until its leave grace ends or another presence of the same topic and key
    /// appears. Without a grace it ends at once.
    /// </summary>
    public TrackResult Disconnect(PresenceId id, MonotonicTime now)
    {
        if (_self.Get(id) is not { } existing)
        {
            return new TrackResult(TrackStatus.NotTracked, null);
        }

        if (existing.LeaveGrace <= TimeSpan.Zero)
        {
            return Untrack(id, RemovalCause.ConnectionLost);
        }

        _listing.Hold(existing, LeaveReason.ConnectionLost, now);
        return new TrackResult(TrackStatus.Tracked, existing.Ref);
    }

    /// <summary>Ends the holds whose grace is over.</summary>
    public void ExpireHolds(MonotonicTime now) => _listing.ExpireHolds(now);

    /// <summary>Takes in a message of another node's dots.</summary>
    public ApplyVerdict Apply(Dots dots)
    {
        if (dots.Replica == Self)
        {
            return dots.AsOf > _self.Context ? ApplyVerdict.OwnReplica : ApplyVerdict.Stale;
        }

        // The walk hides by falling dots, so what came in below it would be shown, and hidden again in the next slice.
        if (_replicas.Get(dots.Replica) is not { Visibility.Walk: not WalkDirection.Hiding } replica)
        {
            return ApplyVerdict.UnknownReplica;
        }

        if (!dots.IsWellFormed(_options.ShardCount))
        {
            return ApplyVerdict.Malformed;
        }

        if (dots.AsOf <= replica.Context)
        {
            return ApplyVerdict.Stale;
        }

        if (!replica.Known.HasRoomFor(dots.From))
        {
            return ApplyVerdict.TooScattered;
        }

        DotsMerge.Apply(replica, dots, _listing);
        _replicas.ContextMoved(replica);
        _replicas.TrimLogs(_options.OperationLogBytesMax);
        return replica.IsCaughtUp ? ApplyVerdict.Applied : ApplyVerdict.Incomplete;
    }

    /// <summary>
    /// The messages that a peer at this position lacks, at most <paramref name="partsMax"/>; empty if this set has nothing newer.
    /// </summary>
    public ImmutableArray<Dots> Serve(ReplicaId replica, PullPosition position, int partsMax) =>
        _replicas.Get(replica) is { } state ? DotsBuilder.Build(state, position, _options.MessageBytesMax, partsMax) : [];

    /// <summary>
    /// The own operations after <paramref name="from"/>, to be pushed; empty if there are none, or more than the log still holds.
    /// </summary>
    public ImmutableArray<Dots> OwnOperationsAfter(ulong from) =>
        from < _self.Log.Start
            ? []
            : DotsBuilder.Build(_self, new PullPosition(from, 0, 0), _options.MessageBytesMax, partsMax: int.MaxValue);

    /// <summary>Holds and shows the replica of a node that is up, or of one that came back after it was removed.</summary>
    public void NodeUp(NodeRecord node) => _replicas.NodeUp(node);

    /// <summary>Hides a silent node's presences, slice by slice; its state is kept.</summary>
    public void NodeDown(NodeId node, MonotonicTime now) => _replicas.Hide(node, LeaveReason.NodeDown, isPurge: false, now);

    /// <summary>
    /// A node that was down lives: it is shown once it has caught up to its own first digest, or when <see cref="ShowReturned"/> is called.
    /// </summary>
    public void NodeReturned(NodeRecord node) => _replicas.NodeReturned(node);

    /// <summary>The contexts of the first digest of a node that returned.</summary>
    public void ShowOnceAt(ReplicaId replica, ulong context) => _replicas.ShowOnceAt(replica, context);

    /// <summary>A node that returned has had its time to catch up: what is known of it is shown.</summary>
    public void ShowReturned(NodeId node) => _replicas.ShowReturned(node);

    /// <summary>Purges a node's presences, slice by slice.</summary>
    public void NodeRemoved(NodeId node, LeaveReason reason, MonotonicTime now) => _replicas.Hide(node, reason, isPurge: true, now);

    /// <summary>
    /// The process at an address raised its own incarnation: the old replica stays visible until the shard's next epoch, which follows, is
    /// complete.
    /// </summary>
    public void NodeRenamed(NodeId old, NodeRecord node) => _replicas.NodeRenamed(old, node);

    /// <summary>A node's shard crashed and came back; the old epoch stays visible until the new one has caught up.</summary>
    public void EpochRaised(NodeId node, ShardEpoch epoch) => _replicas.EpochRaised(node, epoch);

    /// <summary>Shows, hides or purges the next slice of every node whose visibility is changing.</summary>
    /// <returns>Whether there is more to do, in another turn.</returns>
    public bool RunWalks(MonotonicTime now)
    {
        _replicas.RunWalks(_options.WalkEntriesMax, now);
        return HasWalks;
    }

    /// <summary>Hands out what this turn changed for readers.</summary>
    public Turn CompleteTurn()
    {
        var turn = _listing.CompleteTurn() with { OwnEnded = [.. _ownEnded] };
        _ownEnded.Clear();
        return turn;
    }

    private void EndOwn(PresenceId id, RemovalCause cause)
    {
        Untrack(id, cause);
        _ownEnded.Add(id);
    }

    private ulong NextSequence() => _self.Context + 1;

    private void CompleteOperation(ulong sequence)
    {
        _self.Known.Cover(sequence - 1, sequence, sequence, isDelta: true);
        _self.Horizon = sequence;
        _replicas.TrimLogs(_options.OperationLogBytesMax);
    }
}
