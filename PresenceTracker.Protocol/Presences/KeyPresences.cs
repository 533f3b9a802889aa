using System.Collections;
using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Presences;

/// <summary>
/// The presences of one key in a topic, by node and age: one for each device or connection of a user. Immutable; equal to another only if it
/// is the same one.
/// </summary>
public readonly record struct KeyPresences : IReadOnlyList<Presence>
{
    // A user has one to three, and an array of so few is the smallest and quickest. A key that all share has thousands, of which a change must
    // not copy all; from here on a tree costs a change less than an array.
    private const int ArrayMax = 16;

    private static readonly IComparer<Presence> ByAge = Comparer<Presence>.Create(Compare);

    // An array or an immutable tree; null if there are none.
    private readonly IReadOnlyList<Presence>? _presences;

    private KeyPresences(IReadOnlyList<Presence> presences) => _presences = presences;

    public int Count => _presences?.Count ?? 0;

    public Presence this[int index] => (_presences ?? [])[index];

    public IEnumerator<Presence> GetEnumerator() => (_presences ?? []).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>O(log n).</summary>
    internal KeyPresences With(Presence presence) => _presences switch
    {
        null => new((Presence[])[presence]),
        Presence[] { Length: < ArrayMax } few => new(Inserted(few, presence)),
        Presence[] few => new(ImmutableSortedSet.Create(ByAge, few).Add(presence)),
        var many => new(((ImmutableSortedSet<Presence>)many).Add(presence)),
    };

    /// <summary>O(log n).</summary>
    /// <exception cref="InvariantViolationException">It is not among them.</exception>
    internal KeyPresences Without(Presence presence)
    {
        if (_presences is ImmutableSortedSet<Presence> many && many.TryGetValue(presence, out var listed) && ReferenceEquals(listed, presence))
        {
            var rest = many.Remove(presence);
            return new(rest.Count > ArrayMax ? rest : rest.ToArray());
        }

        if (_presences is Presence[] few && Array.FindIndex(few, other => ReferenceEquals(other, presence)) is var index and >= 0)
        {
            return few.Length == 1 ? default : new((Presence[])[.. few.AsSpan(0, index), .. few.AsSpan(index + 1)]);
        }

        throw new InvariantViolationException($"{presence} is to leave the readable state, which does not list it");
    }

    private static Presence[] Inserted(Presence[] few, Presence presence)
    {
        var index = 0;
        while (index < few.Length && Compare(few[index], presence) < 0)
        {
            index++;
        }

        return [.. few.AsSpan(0, index), presence, .. few.AsSpan(index)];
    }

    private static int Compare(Presence left, Presence right)
    {
        var byReplica = left.Replica.CompareTo(right.Replica);
        return byReplica != 0 ? byReplica : left.Dot.CompareTo(right.Dot);
    }
}
