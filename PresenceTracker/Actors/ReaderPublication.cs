using Akka.Actor;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Reading;

namespace PresenceTracker.Actors;

/// <summary>
/// Publishes what each turn of a shard changed: first the views, so that whoever hears of a change can read it, then the diffs. In a new epoch
/// readers keep what the one before had published until this one has caught up; then it is exchanged in one diff a topic.
/// </summary>
internal sealed class ReaderPublication(PresenceSet set, ShardView view, IActorRef publisher)
{
    private readonly SortedDictionary<string, TopicView> _rebuilt = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, KeyTopics> _rebuiltKeys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ReplicaId, ulong> _targets = [];

    private bool _isRebuilding;
    private bool _isReplayed;

    /// <summary>Begins an epoch above 0: nothing is published before it has caught up with what the one before had published.</summary>
    public void StartRebuild()
    {
        _isRebuilding = true;
        foreach (var (replica, context) in view.Contexts)
        {
            _targets[replica] = context;
        }
    }

    /// <summary>The new epoch has all local presences.</summary>
    public void Replayed()
    {
        _isReplayed = true;
        FinishRebuildIfCaughtUp();
    }

    /// <summary>Ends the rebuild once the set holds all that readers saw of these replicas before the crash.</summary>
    public void FinishRebuildIfCaughtUp()
    {
        if (_isRebuilding && _isReplayed && set.LiveReplicas.All(HasReachedTarget))
        {
            FinishRebuild();
        }
    }

    /// <summary>Ends the rebuild with what there is.</summary>
    public void FinishRebuild()
    {
        if (!_isRebuilding)
        {
            return;
        }

        _isRebuilding = false;
        var before = view.Topics.ToDictionary(topic => topic.Topic, StringComparer.Ordinal);
        var diffs = before.Keys.Union(_rebuilt.Keys, StringComparer.Ordinal)
            .Select(topic => TopicDiff.Between(
                before.GetValueOrDefault(topic) ?? TopicView.Empty(topic, view.Version),
                _rebuilt.GetValueOrDefault(topic) ?? TopicView.Empty(topic, set.Version)));
        var goneKeys = view.Keys.Where(key => !_rebuiltKeys.ContainsKey(key)).Select(key => new KeyTopics(key, []));
        Publish(new Turn(set.Version, [.. diffs], [.. _rebuiltKeys.Values, .. goneKeys]));
        _rebuilt.Clear();
        _rebuiltKeys.Clear();
        _targets.Clear();
    }

    public void Publish(Turn turn)
    {
        if (_isRebuilding)
        {
            foreach (var diff in turn.Diffs)
            {
                _rebuilt[diff.Topic] = diff.After;
            }

            foreach (var key in turn.Keys)
            {
                _rebuiltKeys[key.Key] = key;
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

    private bool HasReachedTarget(ReplicaId replica) =>
        !_targets.TryGetValue(replica, out var target) || set.PositionOf(replica)?.Context >= target;
}
