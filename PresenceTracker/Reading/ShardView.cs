using System.Collections.Concurrent;
using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Reading;

/// <summary>
/// What one shard has published for readers: written by the shard alone, read by any thread without a lock. Outlives a crash of the
/// shard, so that readers see no gap.
/// </summary>
internal sealed class ShardView
{
    private readonly ConcurrentDictionary<string, TopicView> _topics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableSortedSet<string>> _topicsOfKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ReplicaId, ulong> _contexts = new();
    private long _presenceCount;
    private long _version;

    public ulong Version => (ulong)Volatile.Read(ref _version);

    public long PresenceCount => Volatile.Read(ref _presenceCount);

    public int TopicCount => _topics.Count;

    /// <summary>All of it, for the epoch that begins; read while nobody publishes.</summary>
    public PublishedState Published => new(
        Version, _topics.Select(entry => entry.Value), _topicsOfKey.Select(entry => entry.Key), _contexts);

    public TopicView Topic(string topic) => _topics.TryGetValue(topic, out var view) ? view : TopicView.Empty(topic, Version);

    public ImmutableSortedSet<string> TopicsOf(string key) =>
        _topicsOfKey.TryGetValue(key, out var topics) ? topics : ImmutableSortedSet<string>.Empty;

    public bool IsPresent(string key) => _topicsOfKey.ContainsKey(key);

    public void Publish(Turn turn)
    {
        foreach (var diff in turn.Diffs)
        {
            if (diff.After.MetaCount == 0)
            {
                _topics.TryRemove(diff.Topic, out _);
            }
            else
            {
                _topics[diff.Topic] = diff.After;
            }

            Volatile.Write(ref _presenceCount, _presenceCount + diff.After.MetaCount - diff.Before.MetaCount);
        }

        foreach (var (key, topics) in turn.Keys)
        {
            if (topics.IsEmpty)
            {
                _topicsOfKey.TryRemove(key, out _);
            }
            else
            {
                _topicsOfKey[key] = topics;
            }
        }

        Volatile.Write(ref _version, (long)turn.Version);
    }

    /// <summary>How many operations of the node have been applied here.</summary>
    public ulong ContextOf(NodeId node)
    {
        var context = 0UL;
        foreach (var (replica, applied) in _contexts)
        {
            if (replica.Node == node)
            {
                context = Math.Max(context, applied);
            }
        }

        return context;
    }

    public void PublishContext(ReplicaId replica, ulong context) => _contexts[replica] = context;

    public void ForgetContext(ReplicaId replica) => _contexts.TryRemove(replica, out _);
}
