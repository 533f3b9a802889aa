using System.Collections;
using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Presences;

/// <summary>
/// Everybody in one topic at one moment. Immutable, so that a reader never waits for a writer and never sees half of an update.
/// Enumerates the presences by key (ordinal), and within a key by node and age.
/// </summary>
public sealed class TopicView : IReadOnlyCollection<Presence>
{
    private static readonly ImmutableSortedDictionary<string, KeyPresences> NoKeys =
        ImmutableSortedDictionary.Create<string, KeyPresences>(StringComparer.Ordinal);

    private readonly ImmutableSortedDictionary<string, KeyPresences> _keys;

    private TopicView(string topic, ulong version, ImmutableSortedDictionary<string, KeyPresences> keys, int metaCount)
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
    public KeyPresences GetByKey(string key) => _keys.TryGetValue(key, out var presences) ? presences : default;

    public IEnumerator<Presence> GetEnumerator()
    {
        foreach (var (_, presences) in _keys)
        {
            // By index: an enumerator for each key would be an object for each.
            for (var index = 0; index < presences.Count; index++)
            {
                yield return presences[index];
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal TopicView With(Presence presence, ulong version) =>
        new(Topic, version, _keys.SetItem(presence.Key, GetByKey(presence.Key).With(presence)), MetaCount + 1);

    internal TopicView Without(Presence presence, ulong version)
    {
        var rest = GetByKey(presence.Key).Without(presence);
        var keys = rest.Count == 0 ? _keys.Remove(presence.Key) : _keys.SetItem(presence.Key, rest);
        return new TopicView(Topic, version, keys, MetaCount - 1);
    }
}
