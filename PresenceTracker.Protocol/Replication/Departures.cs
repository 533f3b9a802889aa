using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// What a catch-up remembers about presences whose dot is dead. A presence that was shown as gone stays readable until a later dot of the
/// same (topic, key, owner) arrives (then it was an update) or the catch-up ends (then it left); and no dot of a presence comes back
/// once a later operation on it is known. Empty whenever the replica is settled.
/// </summary>
internal sealed class Departures
{
    // Each sequence is one operation on one presence, so no two departures have the same dot.
    private readonly SortedDictionary<ulong, Departure> _byDot = [];
    private readonly LookupTable<PresenceId, ulong> _dots = new();

    public bool IsEmpty => _byDot.Count == 0;

    /// <summary>The presence is gone from the entries; readers keep it for now.</summary>
    /// <param name="dot">The dot it is known to have now: its own, or that of an update whose entry has not been seen.</param>
    public void Await(Presence presence, ulong dot, bool isShown) => Add(new Departure(presence.Id, presence, dot, isShown));

    /// <summary>Remembers that every dot of the presence below <paramref name="dot"/> is dead.</summary>
    public void Bury(PresenceId id, ulong dot) => Add(new Departure(id, null, dot, IsShown: false));

    public bool IsDead(PresenceId id, ulong dot) => _dots.TryGet(id, out var known) && dot < known;

    /// <summary>Takes out the presence that readers still have for this id, because its next dot has come.</summary>
    public Departure? Take(PresenceId id)
    {
        if (!_dots.Remove(id, out var dot) || !_byDot.Remove(dot, out var departure))
        {
            return null;
        }

        return departure.Presence is null ? null : departure;
    }

    /// <summary>Takes out the presence that stands for <paramref name="dot"/>.</summary>
    public Departure? TakeByDot(ulong dot) =>
        _byDot.TryGetValue(dot, out var departure) && departure.Presence is not null ? Take(departure.Id) : null;

    /// <summary>Takes out what readers still see, by dot, because the replica is hidden. Which dots are dead stays known.</summary>
    public List<Presence> TakeShown()
    {
        var shown = _byDot.Values.Where(departure => departure.IsShown).ToList();
        foreach (var departure in shown)
        {
            Bury(departure.Id, departure.Dot);
        }

        return [.. shown.Select(departure => departure.Presence!)];
    }

    public void Clear()
    {
        _byDot.Clear();
        _dots.Clear();
    }

    private void Add(Departure departure)
    {
        Take(departure.Id);
        _byDot[departure.Dot] = departure;
        _dots[departure.Id] = departure.Dot;
    }
}
