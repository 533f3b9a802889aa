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
    private readonly ConcurrentDictionary<string, int> _presencesOfNode = new(StringComparer.Ordinal);
    private long _presenceCount;
    private int _topicCount;
    private long _version;

    public ulong Version => (ulong)Volatile.Read(ref _version);

    public long PresenceCount => Volatile.Read(ref _presenceCount);

    // That of the dictionary takes all of its locks.
    public int TopicCount => Volatile.Read(ref _topicCount);

    /// <summary>What has happened since the start.</summary>
    public ChangeCounts Changes { get; } = new();

    /// <summary>The contexts that readers see, by replica.</summary>
    public IReadOnlyDictionary<ReplicaId, ulong> Contexts => _contexts;

    /// <summary>All of it, for the epoch that begins; read while nobody publishes.</summary>
    public PublishedState Published => new(
        Version, Topics, _topicsOfKey.Select(entry => entry.Key), _contexts);

    /// <summary>All topics with at least one presence; read by the shard alone.</summary>
    public IEnumerable<TopicView> Topics => _topics.Select(entry => entry.Value);

    public TopicView Topic(string topic) => _topics.TryGetValue(topic, out var view) ? view : TopicView.Empty(topic, Version);

    public ImmutableSortedSet<string> TopicsOf(string key) =>
        _topicsOfKey.TryGetValue(key, out var topics) ? topics : ImmutableSortedSet<string>.Empty;

    public bool IsPresent(string key) => _topicsOfKey.ContainsKey(key);

    /// <summary>Whether the key is present, as of a version: no turn up to it says anything newer.</summary>
    public (bool IsPresent, ulong Version) PresenceOf(string key)
    {
        // A turn raises the version last. Between two equal versions at most one turn was being published, the one after them; and what
        // that one says of the key is the same whether it is read here or taken from the turn.
        while (true)
        {
            var version = Version;
            var isPresent = IsPresent(key);
            if (Version == version)
            {
                return (isPresent, version);
            }
        }
    }

    public void Publish(Turn turn)
    {
        foreach (var diff in turn.Diffs)
        {
            Publish(diff);
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

    /// <summary>How many presences of the node at that address are listed.</summary>
    public int PresencesOf(string address) => _presencesOfNode.GetValueOrDefault(address);

    public void PublishContext(ReplicaId replica, ulong context) => _contexts[replica] = context;

    public void ForgetContext(ReplicaId replica) => _contexts.TryRemove(replica, out _);

    private void Publish(TopicDiff diff)
    {
        var wasListed = _topics.ContainsKey(diff.Topic);
        if (diff.After.MetaCount == 0)
        {
            _topics.TryRemove(diff.Topic, out _);
        }
        else
        {
            _topics[diff.Topic] = diff.After;
        }

        Volatile.Write(ref _topicCount, _topicCount + (diff.After.MetaCount > 0 ? 1 : 0) - (wasListed ? 1 : 0));
        Volatile.Write(ref _presenceCount, _presenceCount + diff.After.MetaCount - diff.Before.MetaCount);
        foreach (var change in diff.Events)
        {
            Changes.Count(change);

            // By address: a node that goes on under another incarnation exchanges its presences without an event.
            Count(change.Presence.Node.Address, change.Kind == PresenceEventKind.Left ? -1 : 1);
            if (change.Previous is { } previous)
            {
                Count(previous.Node.Address, -1);
            }
        }
    }

    private void Count(string address, int change)
    {
        var count = _presencesOfNode.GetValueOrDefault(address) + change;
        if (count == 0)
        {
            _presencesOfNode.TryRemove(address, out _);
        }
        else
        {
            _presencesOfNode[address] = count;
        }
    }
}
