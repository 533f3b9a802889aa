using System.Collections.Immutable;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Reading;

namespace PresenceTracker.Subscriptions;

/// <summary>The keys that somebody watches. A turn of a shard costs one look-up for each key that it changed, however many are watched.</summary>
internal sealed class WatchedKeys(IReadOnlyList<ShardView> views)
{
    private readonly Dictionary<string, WatchedKey> _keys = new(StringComparer.Ordinal);
    private readonly HashSet<KeySubscription> _subscriptions = [];

    public IReadOnlyCollection<KeySubscription> Subscriptions => _subscriptions;

    /// <returns>Which of its keys are online; later turns follow that.</returns>
    public ImmutableSortedSet<string> Add(KeySubscription subscription)
    {
        _subscriptions.Add(subscription);
        return subscription.Keys.Where(key => IsOnline(key, subscription)).ToImmutableSortedSet(StringComparer.Ordinal);
    }

    /// <summary>Does nothing if it is not there.</summary>
    public void Remove(KeySubscription subscription)
    {
        if (!_subscriptions.Remove(subscription))
        {
            return;
        }

        foreach (var key in subscription.Keys)
        {
            var watchers = _keys[key].Watchers;
            watchers.Remove(subscription);
            if (watchers.Count == 0)
            {
                _keys.Remove(key);
            }
        }
    }

    /// <summary>What one turn of a shard changes, for each subscription that it concerns.</summary>
    public IEnumerable<(KeySubscription Subscription, KeyDiff Diff)> Apply(int shard, Turn turn)
    {
        var changes = new List<(KeySubscription Subscription, string Key, bool IsOnline)>();
        foreach (var (key, topics) in turn.Keys)
        {
            if (!_keys.TryGetValue(key, out var watched))
            {
                continue;
            }

            var wasOnline = watched.IsOnline;
            watched.Set(shard, !topics.IsEmpty, turn.Version);
            if (watched.IsOnline != wasOnline)
            {
                changes.AddRange(watched.Watchers.Select(watcher => (watcher, key, !wasOnline)));
            }
        }

        return changes.GroupBy(change => change.Subscription, (subscription, ofIt) =>
        {
            var isOnline = ofIt.ToLookup(change => change.IsOnline, change => change.Key);
            return (subscription, new KeyDiff([.. isOnline[true]], [.. isOnline[false]]));
        });
    }

    private bool IsOnline(string key, KeySubscription watcher)
    {
        if (!_keys.TryGetValue(key, out var watched))
        {
            _keys[key] = watched = new WatchedKey(views.Count);
            for (var shard = 0; shard < views.Count; shard++)
            {
                // The views are ahead of the turns that are still to be applied here.
                var (isPresent, version) = views[shard].PresenceOf(key);
                watched.Set(shard, isPresent, version);
            }
        }

        watched.Watchers.Add(watcher);
        return watched.IsOnline;
    }
}
