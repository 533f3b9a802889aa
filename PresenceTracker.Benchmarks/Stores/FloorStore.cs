using System.Collections.Concurrent;

namespace PresenceTracker.Benchmarks.Stores;

/// <summary>The least that could hold presences in one process: tables in a table, without an order, diffs, limits or other nodes.</summary>
internal sealed class FloorStore : IPresenceStore
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<(string Key, string Owner), byte[]>> _topics = new(StringComparer.Ordinal);

    public string Name => "floor";

    public int Patience => 1;

    public ValueTask TrackAsync(PresenceKey presence)
    {
        TopicOf(presence.Topic)[(presence.Key, presence.Owner)] = presence.MetaBytes;
        return ValueTask.CompletedTask;
    }

    public ValueTask UntrackAsync(PresenceKey presence)
    {
        TopicOf(presence.Topic).TryRemove((presence.Key, presence.Owner), out _);
        return ValueTask.CompletedTask;
    }

    /// <summary>A copy, as a caller needs who must not see half of a change.</summary>
    public KeyValuePair<(string Key, string Owner), byte[]>[] List(string topic) => TopicOf(topic).ToArray();

    public byte[]? Find(string topic, string key, string owner) => TopicOf(topic).GetValueOrDefault((key, owner));

    public int Count(string topic) => TopicOf(topic).Count;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ConcurrentDictionary<(string Key, string Owner), byte[]> TopicOf(string topic) => _topics.GetOrAdd(topic, _ => new());
}
