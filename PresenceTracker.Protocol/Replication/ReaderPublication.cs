using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// Publishes what each turn of a shard changed. While it is held back, readers keep what the epoch before had published; at the release that
/// is exchanged in one diff a topic.
/// </summary>
internal sealed class ReaderPublication(PublishedState before)
{
    private readonly SortedDictionary<string, TopicView> _heldTopics = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, KeyTopics> _heldKeys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ReplicaId, ulong> _heldContexts = [];
    private bool _isHeldBack;

    public void HoldBack() => _isHeldBack = true;

    public void Publish(Turn turn, List<ReplicationEffect> effects)
    {
        if (_isHeldBack)
        {
            foreach (var diff in turn.Diffs)
            {
                _heldTopics[diff.Topic] = diff.After;
            }

            foreach (var key in turn.Keys)
            {
                _heldKeys[key.Key] = key;
            }
        }
        else if (!turn.IsEmpty)
        {
            effects.Add(new ReplicationEffect.Publish(turn));
        }
    }

    public void PublishContext(ReplicaId replica, ulong context, List<ReplicationEffect> effects)
    {
        if (_isHeldBack)
        {
            _heldContexts[replica] = context;
        }
        else
        {
            effects.Add(new ReplicationEffect.PublishContext(replica, context));
        }
    }

    public void ForgetContext(ReplicaId replica, List<ReplicationEffect> effects)
    {
        if (_isHeldBack)
        {
            _heldContexts.Remove(replica);
        }
        else
        {
            effects.Add(new ReplicationEffect.ForgetContext(replica));
        }
    }

    /// <param name="version">Of the readable state now.</param>
    public void Release(ulong version, List<ReplicationEffect> effects)
    {
        _isHeldBack = false;
        var old = new SortedDictionary<string, TopicView>(StringComparer.Ordinal);
        foreach (var topic in before.Topics)
        {
            old[topic.Topic] = topic;
        }

        var diffs = old.Keys.Union(_heldTopics.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(topic => TopicDiff.Between(
                old.GetValueOrDefault(topic) ?? TopicView.Empty(topic, before.Version),
                _heldTopics.GetValueOrDefault(topic) ?? TopicView.Empty(topic, version)));
        var goneKeys = before.Keys.Order(StringComparer.Ordinal)
            .Where(key => !_heldKeys.ContainsKey(key))
            .Select(key => new KeyTopics(key, []));
        Publish(new Turn(version, [.. diffs], [.. _heldKeys.Values, .. goneKeys]), effects);
        foreach (var replica in before.Contexts.Select(entry => entry.Key).Order().Where(replica => !_heldContexts.ContainsKey(replica)))
        {
            ForgetContext(replica, effects);
        }

        foreach (var (replica, context) in _heldContexts)
        {
            PublishContext(replica, context, effects);
        }

        _heldTopics.Clear();
        _heldKeys.Clear();
        _heldContexts.Clear();
    }
}
