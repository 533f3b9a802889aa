using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// What readers of a shard see: a view per topic and the topics per key. Changed step by step within a turn, handed out at its end; the
/// diff is the result of the change, never found by comparing.
/// </summary>
internal sealed class ReadableState(ulong version)
{
    private static readonly ImmutableSortedSet<string> NoTopics = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    private readonly LookupTable<string, TopicView> _topics = new();
    private readonly LookupTable<string, ImmutableSortedSet<string>> _topicsOfKey = new();
    private readonly SortedDictionary<string, TopicTurn> _changedTopics = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _changedKeys = new(StringComparer.Ordinal);

    public ulong Version { get; private set; } = version;

    /// <summary>The presences of a key in a topic, this turn's changes included.</summary>
    public KeyPresences GetByKey(string topic, string key)
    {
        if (_changedTopics.TryGetValue(topic, out var turn))
        {
            return turn.Topic.GetByKey(key);
        }

        return _topics.TryGet(topic, out var view) ? view.GetByKey(key) : default;
    }

    public void Join(Presence presence)
    {
        var turn = TurnOf(presence.Topic);
        Add(turn, presence);
        turn.Events.Add(PresenceEvent.Joined(presence));
    }

    public void Leave(Presence presence, LeaveReason reason)
    {
        var turn = TurnOf(presence.Topic);
        Remove(turn, presence);
        turn.Events.Add(PresenceEvent.Left(presence, reason));
    }

    /// <summary>Puts one presence in another's place in one step, so that no reader sees the gap. What reads alike is no event.</summary>
    public void Exchange(Presence previous, Presence presence)
    {
        var turn = TurnOf(presence.Topic);
        turn.Topic.Remove(previous);
        turn.Topic.Add(presence);
        if (!presence.ReadsLike(previous))
        {
            turn.Events.Add(PresenceEvent.Updated(previous, presence));
        }
    }

    public Turn CompleteTurn()
    {
        if (_changedTopics.Count == 0)
        {
            return new Turn(Version, [], []);
        }

        Version++;
        var diffs = _changedTopics.Values.Select(turn => new TopicDiff(turn.Before, turn.Topic.Complete(Version), [.. turn.Events])).ToImmutableArray();
        var keys = _changedKeys
            .Select(key => new KeyTopics(key, _topicsOfKey.TryGet(key, out var topics) ? topics : NoTopics))
            .ToImmutableArray();
        foreach (var diff in diffs)
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

        _changedTopics.Clear();
        _changedKeys.Clear();
        return new Turn(Version, diffs, keys);
    }

    private TopicTurn TurnOf(string topic)
    {
        if (!_changedTopics.TryGetValue(topic, out var turn))
        {
            var before = _topics.TryGet(topic, out var view) ? view : TopicView.Empty(topic, Version);
            _changedTopics[topic] = turn = new TopicTurn(before);
        }

        return turn;
    }

    private void Add(TopicTurn turn, Presence presence)
    {
        if (turn.Topic.Add(presence))
        {
            var topics = _topicsOfKey.TryGet(presence.Key, out var known) ? known : NoTopics;
            _topicsOfKey[presence.Key] = topics.Add(presence.Topic);
            _changedKeys.Add(presence.Key);
        }
    }

    private void Remove(TopicTurn turn, Presence presence)
    {
        if (!turn.Topic.Remove(presence) || !_topicsOfKey.TryGet(presence.Key, out var topics))
        {
            return;
        }

        var rest = topics.Remove(presence.Topic);
        if (rest.IsEmpty)
        {
            _topicsOfKey.Remove(presence.Key);
        }
        else
        {
            _topicsOfKey[presence.Key] = rest;
        }

        _changedKeys.Add(presence.Key);
    }

    private sealed class TopicTurn(TopicView before)
    {
        public TopicView Before { get; } = before;

        public TopicEditor Topic { get; } = before.Edit();

        public List<PresenceEvent> Events { get; } = [];
    }
}
