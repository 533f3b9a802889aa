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

    // The Presence if there is one, a Presence[] or an ImmutableSortedSet<Presence>; null if there are none. One field, because most keys have one
    // presence, and cost no more than it.
    private readonly object? _presences;

    private KeyPresences(object presences) => _presences = presences;

    public int Count => _presences switch
    {
        Presence => 1,
        null => 0,
        Presence[] few => few.Length,
        var many => ((ImmutableSortedSet<Presence>)many).Count,
    };

    public Presence this[int index] => _presences switch
    {
        Presence one when index == 0 => one,
        Presence[] few => few[index],
        null or Presence => throw new ArgumentOutOfRangeException(nameof(index)),
        var many => ((ImmutableSortedSet<Presence>)many)[index],
    };

    public IEnumerator<Presence> GetEnumerator() => _presences is Presence one
        ? ((IEnumerable<Presence>)[one]).GetEnumerator()
        : ((IEnumerable<Presence>)(_presences ?? Array.Empty<Presence>())).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>O(log n).</summary>
    internal KeyPresences With(Presence presence) => _presences switch
    {
        null => new(presence),
        Presence one => new(Inserted([one], presence)),
        Presence[] { Length: < ArrayMax } few => new(Inserted(few, presence)),
        Presence[] few => new(ImmutableSortedSet.Create(ByAge, few).Add(presence)),
        var many => new(((ImmutableSortedSet<Presence>)many).Add(presence)),
    };

    /// <summary>O(log n).</summary>
    /// <exception cref="InvariantViolationException">It is not among them.</exception>
    internal KeyPresences Without(Presence presence)
    {
        if (ReferenceEquals(_presences, presence))
        {
            return default;
        }

        if (_presences is ImmutableSortedSet<Presence> many && many.TryGetValue(presence, out var listed) && ReferenceEquals(listed, presence))
        {
            var rest = many.Remove(presence);
            return new(rest.Count > ArrayMax ? rest : (object)rest.ToArray());
        }

        if (_presences is Presence[] few && Array.IndexOf(few, presence) is var index and >= 0)
        {
            return few.Length == 2 ? new(few[1 - index]) : new(Removed(few, index));
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

        var presences = new Presence[few.Length + 1];
        Array.Copy(few, presences, index);
        presences[index] = presence;
        Array.Copy(few, index, presences, index + 1, few.Length - index);
        return presences;
    }

    private static Presence[] Removed(Presence[] few, int index)
    {
        var presences = new Presence[few.Length - 1];
        Array.Copy(few, presences, index);
        Array.Copy(few, index + 1, presences, index, presences.Length - index);
        return presences;
    }

    private static int Compare(Presence left, Presence right)
    {
        var byReplica = left.Replica.CompareTo(right.Replica);
        return byReplica != 0 ? byReplica : left.Dot.CompareTo(right.Dot);
    }
}
