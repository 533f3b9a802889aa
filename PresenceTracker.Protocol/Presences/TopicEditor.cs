using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Protocol.Presences;

/// <summary>Makes a view of a topic of the one before by several changes. Not thread-safe.</summary>
internal sealed class TopicEditor(string topic, SortedTreeEditor<KeyPresences> keys, int metaCount)
{
    private int _metaCount = metaCount;

    /// <summary>The presences of one key, the changes included; empty if it is not here.</summary>
    public KeyPresences GetByKey(string key) => keys.TryGet(key, out var presences) ? presences : default;

    /// <returns>Whether it is the first presence of its key.</returns>
    public bool Add(Presence presence)
    {
        var present = GetByKey(presence.Key);
        keys.Set(presence.Key, present.With(presence));
        _metaCount++;
        return present.Count == 0;
    }

    /// <returns>Whether it was the last presence of its key.</returns>
    /// <exception cref="InvariantViolationException">It is not in the topic.</exception>
    public bool Remove(Presence presence)
    {
        var rest = GetByKey(presence.Key).Without(presence);
        if (rest.Count == 0)
        {
            keys.Remove(presence.Key);
        }
        else
        {
            keys.Set(presence.Key, rest);
        }

        _metaCount--;
        return rest.Count == 0;
    }

    /// <summary>Hands out the topic as it is now. Later changes do not touch it.</summary>
    public TopicView Complete(ulong version) => new(topic, version, keys.Complete(), _metaCount);
}
