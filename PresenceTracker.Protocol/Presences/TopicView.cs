using System.Collections;
using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Protocol.Presences;

/// <summary>
/// Everybody in one topic at one moment. Immutable, so that a reader never waits for a writer and never sees half of an update.
/// Enumerates the presences by key (ordinal), and within a key by node and age.
/// </summary>
public sealed class TopicView : IReadOnlyCollection<Presence>
{
    private readonly SortedTree<KeyPresences> _keys;

    internal TopicView(string topic, ulong version, SortedTree<KeyPresences> keys, int metaCount)
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
    public IEnumerable<string> Keys
    {
        get
        {
            var keys = _keys.GetEnumerator();
            while (keys.MoveNext())
            {
                yield return keys.Key;
            }
        }
    }

    int IReadOnlyCollection<Presence>.Count => MetaCount;

    public static TopicView Empty(string topic, ulong version = 0) => new(topic, version, SortedTree<KeyPresences>.Empty, 0);

    public bool Contains(string key) => _keys.TryGet(key, out _);

    /// <summary>The presences of one key; empty if it is not here.</summary>
    public KeyPresences GetByKey(string key) => _keys.TryGet(key, out var presences) ? presences : default;

    public Enumerator GetEnumerator() => new(_keys.GetEnumerator());

    IEnumerator<Presence> IEnumerable<Presence>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal TopicEditor Edit() => new(Topic, _keys.Edit(), MetaCount);

    /// <summary>Walks over the presences without an object for the walk.</summary>
    public struct Enumerator : IEnumerator<Presence>
    {
        private SortedTreeEnumerator<KeyPresences> _keys;
        private KeyPresences _presences;
        private int _index;

        internal Enumerator(SortedTreeEnumerator<KeyPresences> keys) => _keys = keys;

        public readonly Presence Current => _presences[_index];

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            if (++_index < _presences.Count)
            {
                return true;
            }

            if (!_keys.MoveNext())
            {
                return false;
            }

            _presences = _keys.Value;
            _index = 0;
            return true;
        }

        public readonly void Reset() => throw new NotSupportedException("a view is enumerated anew by another enumerator");

        public readonly void Dispose()
        {
            // There is nothing to give back.
        }
    }
}
