using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// The readable state, with the presences in it that are only held. Of a lease that several nodes list, each ends its own once it lists a
/// newer one.
/// </summary>
/// <param name="self">The own replica.</param>
/// <param name="version">Where the versions of the views go on.</param>
/// <param name="untrackOwn">Untracks an own presence that nobody asked to end, so that the peers hear of it.</param>
internal sealed class Listing(ReplicaId self, ulong version, Action<PresenceId, RemovalCause> untrackOwn)
{
    private readonly ReadableState _readable = new(version);
    private readonly Holds _holds = new();

    public ulong Version => _readable.Version;

    public MonotonicTime? NextHoldDeadline => _holds.NextDeadline;

    /// <summary>Lists a presence; what is held for the same topic and key gives way to it.</summary>
    public void Join(Presence presence)
    {
        List<Presence> held = _holds.CountOf(presence.Topic, presence.Key) == 0
            ? []
            : [.. _readable.GetByKey(presence.Topic, presence.Key).Where(_holds.Contains)];

        // Another node's presence that is held and comes back under a new dot was never away. An own one is live until it is untracked.
        if (held.Find(present => present.Id == presence.Id && present.Replica != self) is { } previous)
        {
            held.Remove(previous);
            Exchange(previous, presence);
        }
        else
        {
            _readable.Join(presence);
        }

        foreach (var present in held)
        {
            _holds.Remove(present, out _);
            End(present, LeaveReason.Replaced);
        }

        YieldTo(presence);
    }

    public void Leave(Presence presence, LeaveReason reason)
    {
        _holds.Remove(presence, out _);
        _readable.Leave(presence, reason);
    }

    /// <summary>As <see cref="Exchange"/>, by the owner: what is held stays held as long.</summary>
    public void Update(Presence previous, Presence presence)
    {
        _holds.Move(previous, presence);
        _readable.Exchange(previous, presence);
    }

    public void Exchange(Presence previous, Presence presence)
    {
        _holds.Remove(previous, out _);
        _readable.Exchange(previous, presence);
        YieldTo(presence);
    }

    /// <summary>0 if there is no such presence, or it is no lease.</summary>
    public int HighestTermOf(PresenceId id)
    {
        var highest = 0;
        foreach (var present in _readable.GetByKey(id.Topic, id.Key))
        {
            if (present.Owner == id.Owner)
            {
                highest = Math.Max(highest, present.Term);
            }
        }

        return highest;
    }

    /// <summary>The node of the presence is gone: it leaves, or is held if it has a leave grace.</summary>
    public void LeaveOrHold(Presence presence, LeaveReason reason, MonotonicTime now)
    {
        if (presence.LeaveGrace > TimeSpan.Zero)
        {
            Hold(presence, reason, now);
        }
        else
        {
            Leave(presence, reason);
        }
    }

    public void Hold(Presence presence, LeaveReason reason, MonotonicTime now) =>
        _holds.Add(presence, now + presence.LeaveGrace, reason);

    /// <summary>The presence's node or connection is back.</summary>
    public bool Release(Presence presence) => _holds.Remove(presence, out _);

    public void ExpireHolds(MonotonicTime now)
    {
        while (_holds.TryTakeExpired(now, out var presence, out var reason))
        {
            End(presence, reason);
        }
    }

    public Turn CompleteTurn() => _readable.CompleteTurn();

    /// <summary>Ends the own presence of a lease if there is a newer one, now that <paramref name="presence"/> is listed.</summary>
    private void YieldTo(Presence presence)
    {
        if (presence.Term == 0)
        {
            return;
        }

        Presence? own = null;
        var newest = presence;
        foreach (var present in _readable.GetByKey(presence.Topic, presence.Key))
        {
            if (present.Term > 0 && present.Owner == presence.Owner)
            {
                own = present.Replica == self ? present : own;
                newest = present.IsNewerThan(newest) ? present : newest;
            }
        }

        if (own is not null && newest.IsNewerThan(own))
        {
            untrackOwn(own.Id, RemovalCause.Replaced);
        }
    }

    private void End(Presence presence, LeaveReason reason)
    {
        if (presence.Replica == self)
        {
            untrackOwn(presence.Id, (RemovalCause)reason);
        }
        else
        {
            _readable.Leave(presence, reason);
        }
    }
}
