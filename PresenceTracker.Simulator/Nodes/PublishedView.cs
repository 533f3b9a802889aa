using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>What one shard has published for readers; outlives a crash of the shard, as <c>ShardView</c> does.</summary>
internal sealed class PublishedView
{
    private readonly SortedDictionary<string, TopicView> _topics = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ReplicaId, ulong> _contexts = [];
    private ulong _version;

    public IEnumerable<TopicView> Topics => _topics.Values;

    public IEnumerable<ReplicaId> Replicas => _contexts.Keys;

    /// <summary>For the epoch that begins, which reads it before anything else is published.</summary>
    public PublishedState State => new(_version, [.. _topics.Values], [.. _keys], [.. _contexts]);

    public TopicView Topic(string topic) => _topics.GetValueOrDefault(topic) ?? TopicView.Empty(topic, _version);

    public void Publish(Turn turn)
    {
        foreach (var diff in turn.Diffs)
        {
            if (diff.After.MetaCount == 0)
            {
                _topics.Remove(diff.Topic);
            }
            else
            {
                _topics[diff.Topic] = diff.After;
            }
        }

        foreach (var (key, topics) in turn.Keys)
        {
            if (topics.IsEmpty)
            {
                _keys.Remove(key);
            }
            else
            {
                _keys.Add(key);
            }
        }

        _version = turn.Version;
    }

    public void PublishContext(ReplicaId replica, ulong context) => _contexts[replica] = context;

    public void ForgetContext(ReplicaId replica) => _contexts.Remove(replica);
}
