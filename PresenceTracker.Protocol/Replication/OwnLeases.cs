using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// What one epoch of a shard does about leases: tracks, renews and ends its own, and remembers which were ended through this node, so that a
/// holder that could not hear of it hears of it when it is back.
/// </summary>
internal sealed class OwnLeases(PresenceSet set, ReplicationOptions options)
{
    private readonly LeaseRenewals _renewals = new();
    private readonly EndedLeases _ended = new(options.EndedLeasesMax, options.EndedLeasesKeptFor);
    private int _forgotten;

    /// <summary>The write that renewed the lease last; 0 if none has.</summary>
    public ulong RenewalOf(PresenceId id) => _renewals.WriteOf(id);

    /// <summary>The presence is not here any more.</summary>
    public void Forget(PresenceId id) => _renewals.Forget(id);

    /// <summary>Tracks or renews. A renewal keeps the term; a lease that is new here is above every term that is known of it.</summary>
    public TrackResult Track(WriteOperation.Track track, ulong token, MonotonicTime now)
    {
        if (set.Own(track.Id) is null)
        {
            _renewals.Tracked(track.Id, now);
            _ended.Forget(track.Id);
            return set.Track(track.Id, track.Ref, track.Meta, track.LeaveGrace, set.NextTerm(track.Id));
        }

        _renewals.Renewed(track.Id, token, now);
        var result = set.Track(track.Id, track.Ref, track.Meta, track.LeaveGrace);
        return track.OrUpdate ? set.Update(track.Id, track.Ref, track.Meta) : result;
    }

    public TrackResult Renew(WriteOperation.Renew renew, ulong token, MonotonicTime now) => set.Own(renew.Id) is { } own
        ? Track(
            new WriteOperation.Track(renew.Id, renew.Ref, renew.Meta ?? own.Meta, own.LeaveGrace, OrUpdate: renew.Meta is not null, IsLease: true),
            token, now)
        : new TrackResult(TrackStatus.NotTracked, null);

    public TrackResult Expire(WriteOperation.Expire expire) => set.Own(expire.Id) is { } own && RenewalOf(expire.Id) != expire.Renewal
        ? new TrackResult(TrackStatus.AlreadyTracked, own.Ref)
        : set.Untrack(expire.Id, RemovalCause.LeaseExpired);

    public TrackResult End(WriteOperation.EndLease end, MonotonicTime now)
    {
        if (_ended.Add(new LeaseEnd(end.Id, now)))
        {
            _forgotten++;
        }

        return set.Untrack(end.Id, RemovalCause.Untracked);
    }

    /// <summary>The lease lives again, with whatever holder; of two, the term decides.</summary>
    public void ForgetEnd(LeaseEnd end) => _ended.Forget(end);

    public TrackResult EndAgain(WriteOperation.EndLeaseAgain end) =>
        set.Own(end.Id) is { } own && _renewals.IsRenewedSince(end.Id, end.UnrenewedSince)
            ? new TrackResult(TrackStatus.AlreadyTracked, own.Ref)
            : set.Untrack(end.Id, RemovalCause.Untracked);

    /// <summary>Lists a presence of the epoch before. Nobody knows when it was renewed, so it counts as renewed now.</summary>
    public void Replay(Presence presence, MonotonicTime now)
    {
        set.Track(presence.Id, presence.Ref, presence.Meta, presence.LeaveGrace, presence.Term);
        if (presence.Term > 0)
        {
            _renewals.Tracked(presence.Id, now);
        }
    }

    /// <summary>A node is back: what was ended and it still held when it was last heard is ended there before anybody sees it, if all goes well.</summary>
    public void HolderReturned(NodeId holder, MonotonicTime now, List<ReplicationEffect> effects) =>
        Repeat(holder, set.HeldBy(holder, _ended.Ids(now)), now, effects);

    /// <summary>What was ended and is listed since this turn is ended by its holder, unless it was renewed since, or tracked anew.</summary>
    public void TurnCompleted(Turn turn, MonotonicTime now, List<ReplicationEffect> effects)
    {
        if (!_ended.IsEmpty)
        {
            var listed = turn.Diffs.SelectMany(diff => diff.Events)
                .Where(change => change is { Kind: PresenceEventKind.Joined, Presence.Term: > 0 } && change.Presence.Replica != set.Self)
                .Select(change => change.Presence);
            foreach (var ofHolder in listed.GroupBy(presence => presence.Node))
            {
                Repeat(ofHolder.Key, ofHolder.Select(presence => presence.Id), now, effects);
            }
        }

        if (_forgotten > 0)
        {
            effects.Add(new ReplicationEffect.ReportEndsForgotten(_forgotten));
            _forgotten = 0;
        }
    }

    private void Repeat(NodeId holder, IEnumerable<PresenceId> ids, MonotonicTime now, List<ReplicationEffect> effects)
    {
        ImmutableArray<LeaseEnd> ends = [.. ids.Select(id => _ended.EndOf(id, now)).OfType<LeaseEnd>()];
        if (!ends.IsEmpty)
        {
            effects.Add(new ReplicationEffect.RepeatEnds(holder, ends));
        }
    }
}
