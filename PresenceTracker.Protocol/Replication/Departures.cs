using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// What a catch-up remembers about presences whose dot is dead. A presence that was shown as gone stays readable until a later dot of the
/// same (topic, key, owner) arrives (then it was an update) or the catch-up ends (then it left); and no dot of a presence comes back
/// once a later operation on it is known. Empty whenever the replica is caught up.
/// </summary>
internal sealed class Departures
{
    private readonly LookupTable<PresenceId, Departure> _byId = new();
    private readonly LookupTable<ulong, PresenceId> _byDot = new();
    private readonly List<PresenceId> _order = [];

    public bool IsEmpty => _order.Count == 0;

    /// <summary>The presence is gone from the entries; readers keep it for now.</summary>
    /// <param name="dot">The dot it is known to have now: its own, or that of an update whose entry has not been seen.</param>
    public void Await(Presence presence, ulong dot, bool isShown)
    {
        Forget(presence.Id);
        _byId[presence.Id] = new Departure(presence, dot, isShown);
        _byDot[dot] = presence.Id;
        _order.Add(presence.Id);
    }

    /// <summary>Remembers that every dot of the presence below <paramref name="dot"/> is dead.</summary>
    public void Bury(PresenceId id, ulong dot)
    {
        Forget(id);
        _byId[id] = new Departure(null, dot, IsShown: false);
        _order.Add(id);
    }

    public bool IsDead(PresenceId id, ulong dot) => _byId.TryGet(id, out var departure) && dot < departure.Dot;

    /// <summary>Takes out the presence that readers still have for this id, because its next dot has come.</summary>
    public Departure? Take(PresenceId id)
    {
        if (!_byId.TryGet(id, out var departure))
        {
            return null;
        }

        Forget(id);
        return departure.Presence is null ? null : departure;
    }

    /// <summary>Takes out the presence that stands for <paramref name="dot"/>.</summary>
    public Departure? TakeByDot(ulong dot) => _byDot.TryGet(dot, out var id) ? Take(id) : null;

    /// <summary>The catch-up has ended, or the replica goes: what is still here has left.</summary>
    public List<Departure> TakeAll()
    {
        var all = new List<Departure>();
        foreach (var id in _order)
        {
            if (_byId.TryGet(id, out var departure) && departure.Presence is not null)
            {
                all.Add(departure);
            }

            _byId.Remove(id);
        }

        _byDot.Clear();
        _byId.Clear();
        _order.Clear();
        return all;
    }

    private void Forget(PresenceId id)
    {
        if (_byId.Remove(id, out var departure))
        {
            _byDot.Remove(departure.Dot);
        }
    }
}
