using System.Collections;
using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Presences;

/// <summary>
/// Everybody in one topic at one moment. Immutable, so that a reader never waits for a writer and never sees half of an update.
/// Enumerates the presences by key (ordinal), and within a key by node and age.
/// </summary>
public sealed class TopicView : IReadOnlyCollection<Presence>
{
    private static readonly ImmutableSortedDictionary<string, ImmutableArray<Presence>> NoKeys =
        ImmutableSortedDictionary.Create<string, ImmutableArray<Presence>>(StringComparer.Ordinal);

    private readonly ImmutableSortedDictionary<string, ImmutableArray<Presence>> _keys;

    private TopicView(string topic, ulong version, ImmutableSortedDictionary<string, ImmutableArray<Presence>> keys, int metaCount)
    {
        Topic = topic;
        Version = version;
        _keys = keys;
        MetaCount = metaCount;
    }

    public string Topic { get; }

    /// <summary>Counts the changes of the topic's shard on this node; the version of a later view of a topic is higher.</summary>
    public ulong Version { get; }

    /// <summary>How many different keys are present: users, however many devices each has. O(1).</summary>
    public int KeyCount => _keys.Count;

    /// <summary>How many presences there are. O(1).</summary>
    public int MetaCount { get; }

    /// <summary>The keys that are present, in ordinal order.</summary>
    public IEnumerable<string> Keys => _keys.Keys;

    int IReadOnlyCollection<Presence>.Count => MetaCount;

    public static TopicView Empty(string topic, ulong version = 0) => new(topic, version, NoKeys, 0);

    public bool Contains(string key) => _keys.ContainsKey(key);

    /// <summary>The presences of one key; empty if it is not here.</summary>
    public ImmutableArray<Presence> GetByKey(string key) => _keys.TryGetValue(key, out var presences) ? presences : [];

    public IEnumerator<Presence> GetEnumerator()
    {
        foreach (var (_, presences) in _keys)
        {
            foreach (var presence in presences)
            {
                yield return presence;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal TopicView With(Presence presence, ulong version)
    {
        var present = GetByKey(presence.Key);
        var index = 0;
        while (index < present.Length && IsBefore(present[index], presence))
        {
            index++;
        }

        return new TopicView(Topic, version, _keys.SetItem(presence.Key, present.Insert(index, presence)), MetaCount + 1);
    }

    internal TopicView Without(Presence presence, ulong version)
    {
        var present = GetByKey(presence.Key);
        var index = IndexOf(present, presence);
        var rest = present.RemoveAt(index);
        var keys = rest.IsEmpty ? _keys.Remove(presence.Key) : _keys.SetItem(presence.Key, rest);
        return new TopicView(Topic, version, keys, MetaCount - 1);
    }

    private static int IndexOf(ImmutableArray<Presence> present, Presence presence)
    {
        for (var index = 0; index < present.Length; index++)
        {
            if (ReferenceEquals(present[index], presence))
            {
                return index;
            }
        }

        throw new InvariantViolationException($"{presence} is to leave the readable state, which does not list it");
    }

    private static bool IsBefore(Presence left, Presence right)
    {
        var byReplica = left.Replica.CompareTo(right.Replica);
        return byReplica != 0 ? byReplica < 0 : left.Dot < right.Dot;
    }
}
