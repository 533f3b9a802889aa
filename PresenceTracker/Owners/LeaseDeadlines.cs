using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Owners;

/// <summary>When which lease runs out, soonest first.</summary>
internal sealed class LeaseDeadlines
{
    private readonly SortedDictionary<MonotonicTime, HashSet<PresenceId>> _byDeadline = [];

    public MonotonicTime? Next
    {
        get
        {
            foreach (var (deadline, _) in _byDeadline)
            {
                return deadline;
            }

            return null;
        }
    }

    /// <summary>Gives the presence this deadline, in place of any other.</summary>
    public void Set(OwnedPresence owned, MonotonicTime deadline)
    {
        Remove(owned);
        owned.Deadline = deadline;
        if (!_byDeadline.TryGetValue(deadline, out var ids))
        {
            _byDeadline[deadline] = ids = [];
        }

        ids.Add(owned.Presence.Id);
    }

    public void Remove(OwnedPresence owned)
    {
        if (owned.Deadline is not { } deadline || !_byDeadline.TryGetValue(deadline, out var ids))
        {
            return;
        }

        ids.Remove(owned.Presence.Id);
        if (ids.Count == 0)
        {
            _byDeadline.Remove(deadline);
        }

        owned.Deadline = null;
    }

    /// <summary>Takes out what has run out. The presences end when their shard says so.</summary>
    public IReadOnlyCollection<PresenceId> TakeExpired(MonotonicTime now)
    {
        var expired = new List<PresenceId>();
        while (Next is { } deadline && deadline <= now)
        {
            expired.AddRange(_byDeadline[deadline]);
            _byDeadline.Remove(deadline);
        }

        return expired;
    }
}
