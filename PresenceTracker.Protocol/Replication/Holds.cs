using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// Presences that are held: their connection broke or their node is gone, and they stay listed until their leave grace ends or another
/// presence of the same topic and key appears.
/// </summary>
internal sealed class Holds
{
    private readonly LookupTable<Presence, Hold> _byPresence = new(ReferenceEqualityComparer.Instance);
    private readonly LookupTable<(string Topic, string Key), int> _countByKey = new();
    private readonly SortedDictionary<(MonotonicTime Deadline, ulong Order), Presence> _byDeadline = [];
    private ulong _order;

    public MonotonicTime? NextDeadline
    {
        get
        {
            foreach (var ((deadline, _), _) in _byDeadline)
            {
                return deadline;
            }

            return null;
        }
    }

    public void Add(Presence presence, MonotonicTime deadline, LeaveReason reason)
    {
        Remove(presence, out _);
        var hold = new Hold((deadline, ++_order), reason);
        _byPresence[presence] = hold;
        _byDeadline[hold.Position] = presence;
        _countByKey[(presence.Topic, presence.Key)] = CountOf(presence.Topic, presence.Key) + 1;
    }

    /// <summary>The presence goes on as another one, and is held as long.</summary>
    public void Move(Presence previous, Presence presence)
    {
        if (_byPresence.Remove(previous, out var hold))
        {
            _byPresence[presence] = hold;
            _byDeadline[hold.Position] = presence;
        }
    }

    public bool Contains(Presence presence) => _byPresence.Contains(presence);

    /// <summary>How many presences of a key in a topic are held.</summary>
    public int CountOf(string topic, string key) => _countByKey.TryGet((topic, key), out var count) ? count : 0;

    /// <summary>Ends the hold, and says for which reason the presence would have left at its end.</summary>
    public bool Remove(Presence presence, out LeaveReason reason)
    {
        if (!_byPresence.Remove(presence, out var hold))
        {
            reason = default;
            return false;
        }

        _byDeadline.Remove(hold.Position);
        if (CountOf(presence.Topic, presence.Key) is var count && count == 1)
        {
            _countByKey.Remove((presence.Topic, presence.Key));
        }
        else
        {
            _countByKey[(presence.Topic, presence.Key)] = count - 1;
        }

        reason = hold.Reason;
        return true;
    }

    /// <summary>Takes out one hold whose grace is over, with the reason for its leave.</summary>
    public bool TryTakeExpired(MonotonicTime now, out Presence presence, out LeaveReason reason)
    {
        foreach (var ((deadline, _), held) in _byDeadline)
        {
            if (deadline > now)
            {
                break;
            }

            presence = held;
            return Remove(held, out reason);
        }

        presence = null!;
        reason = default;
        return false;
    }

    private readonly record struct Hold((MonotonicTime Deadline, ulong Order) Position, LeaveReason Reason);
}
