using Akka.Actor;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Reading;

namespace PresenceTracker.Actors;

/// <summary>
/// Publishes what each turn of a shard changed: first the views, so that whoever hears of a change can read it, then the diffs. While it is
/// held back, readers keep what the epoch before had published; at the release that is exchanged in one diff a topic.
/// </summary>
internal sealed class ReaderPublication(PresenceSet set, ShardView view, IActorRef publisher)
{
    private readonly SortedDictionary<string, TopicView> _heldTopics = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, KeyTopics> _heldKeys = new(StringComparer.Ordinal);
    private bool _isHeldBack;

    public void HoldBack() => _isHeldBack = true;

    public void Release()
    {
        _isHeldBack = false;
        var before = view.Topics.ToDictionary(topic => topic.Topic, StringComparer.Ordinal);
        var diffs = before.Keys.Union(_heldTopics.Keys, StringComparer.Ordinal)
            .Select(topic => TopicDiff.Between(
                before.GetValueOrDefault(topic) ?? TopicView.Empty(topic, view.Version),
                _heldTopics.GetValueOrDefault(topic) ?? TopicView.Empty(topic, set.Version)));
        var goneKeys = view.Keys.Where(key => !_heldKeys.ContainsKey(key)).Select(key => new KeyTopics(key, []));
        Publish(new Turn(set.Version, [.. diffs], [.. _heldKeys.Values, .. goneKeys]));
        _heldTopics.Clear();
        _heldKeys.Clear();
    }

    public void Publish(Turn turn)
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

            return;
        }

        if (turn.IsEmpty)
        {
            return;
        }

        view.Publish(turn);
        publisher.Tell(new DiffPublisher.ShardDiffs(turn.Diffs));
    }
}
