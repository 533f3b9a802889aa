using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>The readable state, with the presences in it that are only held.</summary>
internal sealed class Listing(ReplicaId self, ulong version)
{
    private readonly ReadableState _readable = new(version);
    private readonly Holds _holds = new();
    private readonly List<(PresenceId Id, RemovalCause Cause)> _ownEnded = [];

    public MonotonicTime? NextHoldDeadline => _holds.NextDeadline;

    public void Join(Presence presence)
    {
        if (_holds.Count > 0 && TakesPlaceOfHeld(presence))
        {
            return;
        }

        _readable.Join(presence);
    }

    public void Leave(Presence presence, LeaveReason reason)
    {
        _holds.Remove(presence, out _);
        _readable.Leave(presence, reason);
    }

    public void Exchange(Presence previous, Presence presence)
    {
        _holds.Remove(previous, out _);
        _readable.Exchange(previous, presence);
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

    /// <summary>Own presences whose hold has ended; the replica must untrack them, so that its peers hear of it.</summary>
    public IReadOnlyList<(PresenceId Id, RemovalCause Cause)> TakeOwnEnded()
    {
        if (_ownEnded.Count == 0)
        {
            return [];
        }

        var ended = _ownEnded.ToArray();
        _ownEnded.Clear();
        return ended;
    }

    public Turn CompleteTurn() => _readable.CompleteTurn();

    private bool TakesPlaceOfHeld(Presence presence)
    {
        var isExchanged = false;
        foreach (var present in _readable.GetByKey(presence.Topic, presence.Key))
        {
            if (!_holds.Contains(present))
            {
                continue;
            }

            if (!isExchanged && present.Id == presence.Id)
            {
                Exchange(present, presence);
                isExchanged = true;
            }
            else
            {
                _holds.Remove(present, out _);
                End(present, LeaveReason.Replaced);
            }
        }

        return isExchanged;
    }

    private void End(Presence presence, LeaveReason reason)
    {
        if (presence.Replica == self)
        {
            _ownEnded.Add((presence.Id, (RemovalCause)reason));
        }
        else
        {
            _readable.Leave(presence, reason);
        }
    }
}
