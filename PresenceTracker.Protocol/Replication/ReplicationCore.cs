using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// One epoch of one shard: takes what callers write, what peers send and what the membership decides into the presence set, and says what
/// readers, peers and callers must be told of it, and when.
/// </summary>
/// <remarks>Not thread-safe: one actor owns it. After an exception only <see cref="ReplicationInput.Ended"/> may follow.</remarks>
public sealed class ReplicationCore
{
    private readonly ReplicationOptions _options;
    private readonly PublishedState _before;
    private readonly PresenceSet _set;
    private readonly TokenSource _tokens = new();
    private readonly ReaderPublication _publication;
    private readonly ReplicaReports _reports;
    private readonly FlushWindow _flush;
    private readonly EpochRebuild _rebuild;
    private readonly SortedDictionary<NodeId, ulong> _shows = [];
    private readonly OwnLeases _leases;
    private ulong _replicasReported;
    private ulong? _walk;
    private ulong? _waiting;
    private (MonotonicTime Due, ulong Token)? _hold;

    /// <param name="self">The replica that this epoch writes.</param>
    /// <param name="before">What readers see of the epoch before; empty for epoch 0.</param>
    public ReplicationCore(ReplicationOptions options, ReplicaId self, PublishedState before)
    {
        _options = options;
        _before = before;
        _set = new PresenceSet(self, options.Set, before.Version);
        _leases = new OwnLeases(_set, options);
        _publication = new ReaderPublication(before);
        _reports = new ReplicaReports(_set, _publication);
        _flush = new FlushWindow(_set, _reports, options.FlushWindow, _tokens);
        _rebuild = new EpochRebuild(_set, options.WaitingOperationsMax);
    }

    /// <summary>The replica that this epoch writes.</summary>
    public ReplicaId Self => _set.Self;

    /// <summary>Every replica held, hidden ones too: for a simulator to see that nothing of the dead is kept.</summary>
    internal IEnumerable<ReplicaId> Replicas => _set.Replicas;

    /// <summary>What the logs of all replicas take, for a simulator to see that it is bounded.</summary>
    internal long LogBytes => _set.LogBytes;

    /// <summary>Takes one input and adds what the shell has to do, in this order, to <paramref name="effects"/>.</summary>
    /// <param name="now">Never before that of an earlier call.</param>
    public void Handle(ReplicationInput input, MonotonicTime now, List<ReplicationEffect> effects)
    {
        switch (input)
        {
            case ReplicationInput.Started:
                Start(effects);
                break;
            case ReplicationInput.Ended:
                _reports.Withdraw(effects);
                return;
            case ReplicationInput.Write write when _rebuild.MustWait:
                if (!_rebuild.TryWait(write))
                {
                    effects.Add(new ReplicationEffect.WriteRefused(write.Token));
                }

                break;
            case ReplicationInput.Write write:
                Write(write, now, effects);
                break;
            case ReplicationInput.Replayed replayed when replayed.Epoch == Self.Epoch:
                Replay(replayed, now, effects);
                break;
            case ReplicationInput.Introduced:
                _rebuild.IsIntroduced = true;
                break;
            case ReplicationInput.FromGossip(var effect):
                Handle(effect, now, effects);
                break;
            case ReplicationInput.FromMembership(var effect):
                Handle(effect, now, effects);
                CompleteTurn(now, effects);
                break;
            case ReplicationInput.EndedLeaseLives(var end):
                _leases.ForgetEnd(end);
                break;
            case ReplicationInput.TimerFired(var timer):
                Fire(timer, now, effects);
                break;
        }

        if (_rebuild.IsComplete)
        {
            FinishRebuild(now, effects);
        }
    }

    private void Start(List<ReplicationEffect> effects)
    {
        if (Self.Epoch > 0)
        {
            _rebuild.Start(_before);
            _publication.HoldBack();
            effects.Add(new ReplicationEffect.RequestIntroduction());
            effects.Add(new ReplicationEffect.RequestReplay(Self.Epoch));
        }

        _reports.ReportAll(effects);
    }

    private void Write(ReplicationInput.Write write, MonotonicTime now, List<ReplicationEffect> effects)
    {
        var results = write.Operations.Select(operation => Write(operation, write.Token, now)).ToArray();
        CompleteTurn(now, effects);

        // The presences are those at the end of the turn: a later operation may have ended what an earlier one tracked.
        effects.Add(new ReplicationEffect.Written(write.Token, [.. write.Operations.Zip(results, ResultOf)]));
    }

    private WriteResult ResultOf(WriteOperation operation, TrackResult result)
    {
        if (_set.Own(operation.Id) is not { } own)
        {
            _leases.Forget(operation.Id);
            return new WriteResult(result, null, 0);
        }

        return new WriteResult(result, own, _leases.RenewalOf(operation.Id));
    }

    private TrackResult Write(WriteOperation operation, ulong token, MonotonicTime now) => operation switch
    {
        WriteOperation.Track { IsLease: true } track => _leases.Track(track, token, now),
        WriteOperation.Track track => Track(track),
        WriteOperation.Renew renew => _leases.Renew(renew, token, now),
        WriteOperation.Expire expire => _leases.Expire(expire),
        WriteOperation.EndLease end => _leases.End(end, now),
        WriteOperation.EndLeaseAgain end => _leases.EndAgain(end),
        WriteOperation.Update update => _set.Update(update.Id, update.Ref, update.Meta, update.ExpectedRef),
        WriteOperation.Untrack untrack => _set.Untrack(untrack.Id, untrack.Cause),
        WriteOperation.Disconnect disconnect => _set.Disconnect(disconnect.Id, now),
        _ => throw new InvariantViolationException($"{operation.GetType()} is no write"),
    };

    private TrackResult Track(WriteOperation.Track track)
    {
        var result = _set.Track(track.Id, track.Ref, track.Meta, track.LeaveGrace);
        return result.Status == TrackStatus.AlreadyTracked && track.OrUpdate ? _set.Update(track.Id, track.Ref, track.Meta) : result;
    }

    /// <summary>Lists presences of the epoch before again, with the refs that they had.</summary>
    private void Replay(ReplicationInput.Replayed replayed, MonotonicTime now, List<ReplicationEffect> effects)
    {
        foreach (var presence in replayed.Presences)
        {
            _leases.Replay(presence, now);
        }

        foreach (var id in replayed.Disconnected)
        {
            if (_set.Disconnect(id, now).Status != TrackStatus.Tracked)
            {
                effects.Add(new ReplicationEffect.OwnEnded(id));
            }
        }

        CompleteTurn(now, effects);
        if (replayed.IsLast)
        {
            effects.Add(new ReplicationEffect.AnnounceEpoch(new ShardEpoch(Self.Shard, Self.Epoch, _set.Context)));
            _rebuild.IsReplayed = true;
            effects.Add(new ReplicationEffect.ScheduleTimer(new ReplicationTimer.RebuildDue(_tokens.Next()), _options.RebuildMax));
        }
    }

    /// <summary>Publishes what there is, in the place of what the epoch before had published, and lets the writes go on.</summary>
    private void FinishRebuild(MonotonicTime now, List<ReplicationEffect> effects)
    {
        _rebuild.Finish();
        _publication.Release(_set.Version, effects);
        WriteWaiting(now, effects);
    }

    /// <summary>Carries out the next slice of the writes that have waited; in turns of their own, so that nothing else waits for all of them.</summary>
    private void WriteWaiting(MonotonicTime now, List<ReplicationEffect> effects)
    {
        var left = _options.WaitingOperationsPerTurn;
        while (left > 0 && _rebuild.TryTake(out var write))
        {
            Write(write, now, effects);
            left -= Math.Max(1, write.Operations.Length);
        }

        _waiting = null;
        if (_rebuild.MustWait)
        {
            _waiting = _tokens.Next();
            effects.Add(new ReplicationEffect.ScheduleTimer(new ReplicationTimer.WaitingDue(_waiting.Value), TimeSpan.Zero));
        }
    }

    private void Handle(GossipEffect effect, MonotonicTime now, List<ReplicationEffect> effects)
    {
        switch (effect)
        {
            case GossipEffect.DeliverDots delivery:
                Apply(delivery, now, effects);
                break;
            case GossipEffect.ServePull(var to, var token, var replica, var position):
                var parts = _set.Serve(replica, position, _options.PullPartsMax);
                effects.Add(new ReplicationEffect.TellGossip(new GossipInput.PullServed(to, token, replica, parts)));
                break;
            case GossipEffect.ShowTarget target:
                foreach (var (replica, context) in target.Contexts.Where(entry => entry.Replica.Shard == Self.Shard))
                {
                    _set.ShowOnceAt(replica, context);
                }

                CompleteTurn(now, effects);
                break;
            default:
                throw new InvariantViolationException($"{effect.GetType()} is nothing for a shard");
        }
    }

    private void Apply(GossipEffect.DeliverDots delivery, MonotonicTime now, List<ReplicationEffect> effects)
    {
        var verdict = _set.Apply(delivery.Dots);
        CompleteTurn(now, effects);
        if (verdict is ApplyVerdict.Applied or ApplyVerdict.Incomplete)
        {
            _reports.Report(delivery.Dots.Replica, effects);
        }

        effects.Add(new ReplicationEffect.ReportDots(verdict, delivery.Dots.Entries.Length));
        if (delivery.PushNumber == 0 && !delivery.IsBroadcast)
        {
            return;
        }

        // What its sender has beyond the push comes with the next one; if none comes, a digest names it.
        if (verdict == ApplyVerdict.Incomplete && _set.PositionOf(delivery.Dots.Replica)?.Context < delivery.Dots.To)
        {
            effects.Add(new ReplicationEffect.TellGossip(new GossipInput.GapFound(delivery.Dots.Replica, delivery.From)));
        }

        if (delivery.PushNumber > 0) effects.Add(new ReplicationEffect.TellGossip(new GossipInput.PushHandled(delivery.From, delivery.PushNumber)));
    }

    private void Handle(MembershipEffect effect, MonotonicTime now, List<ReplicationEffect> effects)
    {
        switch (effect)
        {
            case MembershipEffect.NodeUp(var node):
                _set.NodeUp(node);
                _rebuild.Introduce(node);
                break;
            case MembershipEffect.NodeDown(var node):
                _set.NodeDown(node, now);
                break;
            case MembershipEffect.NodeReturned(var node):
                _set.NodeReturned(node);
                _leases.HolderReturned(node.Node, now, effects);
                _shows[node.Node] = _tokens.Next();
                effects.Add(new ReplicationEffect.ScheduleTimer(
                    new ReplicationTimer.ShowDue(node.Node, _shows[node.Node]), _options.ShowReturnedAfter));
                break;
            case MembershipEffect.NodeRemoved(var node, var reason):
                _set.NodeRemoved(node, reason, now);
                break;
            case MembershipEffect.NodeRenamed(var old, var node):
                _set.NodeRenamed(old, node);
                break;
            case MembershipEffect.EpochRaised(var node, var epoch):
                _set.EpochRaised(node, epoch);
                break;
        }
    }

    private void Fire(ReplicationTimer timer, MonotonicTime now, List<ReplicationEffect> effects)
    {
        switch (timer)
        {
            case ReplicationTimer.FlushDue flush:
                _flush.TimerFired(flush.Token, effects);
                break;
            case ReplicationTimer.WalkDue walk when walk.Token == _walk:
                _walk = null;
                _set.RunWalks(now);
                CompleteTurn(now, effects);
                break;
            case ReplicationTimer.WaitingDue due when due.Token == _waiting:
                WriteWaiting(now, effects);
                break;
            case ReplicationTimer.HoldDue hold when hold.Token == _hold?.Token:
                _hold = null;
                _set.ExpireHolds(now);
                CompleteTurn(now, effects);
                break;
            case ReplicationTimer.ShowDue show when _shows.TryGetValue(show.Node, out var token) && token == show.Token:
                _shows.Remove(show.Node);
                _set.ShowReturned(show.Node);
                CompleteTurn(now, effects);
                break;
            case ReplicationTimer.RebuildDue:
                _rebuild.IsDue = true;
                break;
        }
    }

    /// <summary>Ends a turn: says what it changed, and sees to what is due later.</summary>
    private void CompleteTurn(MonotonicTime now, List<ReplicationEffect> effects)
    {
        var turn = _set.CompleteTurn();
        _publication.Publish(turn, effects);

        // What ended and was tracked again in the same turn is there.
        foreach (var id in turn.OwnEnded.Where(id => _set.Own(id) is null))
        {
            _leases.Forget(id);
            effects.Add(new ReplicationEffect.OwnEnded(id));
        }

        _leases.TurnCompleted(turn, now, effects);

        if (_set.ReplicasVersion != _replicasReported)
        {
            _replicasReported = _set.ReplicasVersion;
            _reports.ReportAll(effects);
        }

        _flush.TurnCompleted(effects);
        if (_set.HasWalks && _walk is null)
        {
            _walk = _tokens.Next();
            effects.Add(new ReplicationEffect.ScheduleTimer(new ReplicationTimer.WalkDue(_walk.Value), TimeSpan.Zero));
        }

        if (_set.NextHoldDeadline is { } deadline && (_hold is null || deadline < _hold.Value.Due))
        {
            _hold = (deadline, _tokens.Next());
            var after = deadline - now;
            effects.Add(new ReplicationEffect.ScheduleTimer(
                new ReplicationTimer.HoldDue(_hold.Value.Token), after > TimeSpan.Zero ? after : TimeSpan.Zero));
        }
    }
}
