using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>What a shard holds of one replica: its live entries by dot, what is known as of when, and the recent operations.</summary>
internal sealed class ReplicaState(ReplicaId id, LogBudget budget, bool isShown)
{
    private static readonly IComparer<DotEntry> ByDot = Comparer<DotEntry>.Create((left, right) => left.Dot.CompareTo(right.Dot));

    private readonly SortedSet<DotEntry> _entries = new(ByDot);
    private readonly LookupTable<PresenceId, Presence> _byId = new();

    public ReplicaId Id { get; } = id;

    public KnownRanges Known { get; } = new();

    public OperationLog Log { get; } = new(budget);

    public Departures Departures { get; } = new();

    public Visibility Visibility { get; } = new(isShown);

    /// <summary>The highest version of the replica that any message told of; the replica is caught up once its context is there.</summary>
    public ulong Horizon { get; set; }

    /// <summary>
    /// Everything that was live at this version is held. A dot up to here that is not held is therefore dead, whatever an older message
    /// says of it.
    /// </summary>
    public ulong SettledAt { get; set; }

    public ulong Context => Known.Context;

    public bool IsCaughtUp => Context >= Horizon;

    /// <summary>
    /// Whether whatever was live at the horizon is held. Before that a presence may be missing though the context is past its track: a chunk,
    /// or a delta that was cut, lacks what was updated later, and the update comes with another.
    /// </summary>
    public bool IsSettled => Known.ContiguousTo >= Horizon;

    /// <summary>Whether what was live at that version is held, or what became of it; not if that version is not known.</summary>
    public bool HasAllSince(ulong? version) => Context >= version && IsSettled;

    public ulong HighestDot => _entries.Count == 0 ? 0 : _entries.Max.Dot;

    public Presence? Get(PresenceId id) => _byId.TryGet(id, out var presence) ? presence : null;

    public Presence? Get(ulong dot) => _entries.TryGetValue(new DotEntry(dot, null), out var entry) ? entry.Presence : null;

    public void Insert(Presence presence)
    {
        if (!_entries.Add(new DotEntry(presence.Dot, presence)))
        {
            throw new InvariantViolationException($"the dot {presence.Dot} of {Id} is already held");
        }

        _byId[presence.Id] = presence;
    }

    public void Remove(Presence presence)
    {
        if (!_entries.Remove(new DotEntry(presence.Dot, null)) || !_byId.Remove(presence.Id))
        {
            throw new InvariantViolationException($"{presence} is not held");
        }
    }

    /// <summary>The live entries with a dot in (from, to], by rising dot. Must be used up before the entries change.</summary>
    public IEnumerable<Presence> Between(ulong from, ulong to) =>
        from >= to ? [] : _entries.GetViewBetween(new DotEntry(from + 1, null), new DotEntry(to, null)).Select(entry => entry.Presence!);

    /// <summary>The same, by falling dot.</summary>
    public IEnumerable<Presence> BetweenDescending(ulong from, ulong to) =>
        from >= to
            ? []
            : _entries.GetViewBetween(new DotEntry(from + 1, null), new DotEntry(to, null)).Reverse().Select(entry => entry.Presence!);

    private readonly record struct DotEntry(ulong Dot, Presence? Presence);
}
