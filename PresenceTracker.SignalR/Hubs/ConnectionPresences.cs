using Microsoft.AspNetCore.SignalR;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>The topics that one connection has joined. Thread-safe: its calls take turns.</summary>
internal sealed class ConnectionPresences(Tracker tracker, HubCallerContext connection, IClientProxy client, int topicsMax)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, TopicFeed> _feeds = new(StringComparer.Ordinal);
    private readonly Owner _owner = Owner.Connection(connection.ConnectionId);
    private bool _isClosed;

    /// <returns>The ref of the presence.</returns>
    public Task<string> JoinAsync(string topic, string key, Meta meta) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(key);
        var before = _feeds.GetValueOrDefault(topic);
        if (before is not null && before.Key != key)
        {
            throw new HubException($"this connection is in {topic} as {before.Key}, and cannot be there as {key} too");
        }

        if (before is null && _feeds.Count >= topicsMax)
        {
            throw new LimitExceededException(
                "topics of a connection", $"{_feeds.Count + 1}", $"at most {topicsMax}", nameof(PresenceHubOptions.TopicsMax));
        }

        // In this order the state that the client is sent first has the client itself in it.
        var tracked = await tracker.TrackOrUpdateAsync(topic, key, _owner, meta);
        await FollowAsync(topic, key, before);
        return tracked.Ref!;
    });

    /// <returns>The ref of the presence.</returns>
    public Task<string> UpdateAsync(string topic, Meta meta) => InTurnAsync(async () =>
    {
        var updated = await tracker.UpdateAsync(topic, FeedOf(topic).Key, _owner, meta);
        return updated.Status == TrackStatus.NotTracked ? throw NotIn(topic) : updated.Ref!;
    });

    public Task LeaveAsync(string topic) => InTurnAsync(async () =>
    {
        // The feed ends first, so that who leaves is not told of it.
        var feed = FeedOf(topic);
        try
        {
            await feed.DisposeAsync();
        }
        finally
        {
            await tracker.UntrackAsync(topic, feed.Key, _owner);
            _feeds.Remove(topic);
        }

        return topic;
    });

    /// <summary>The connection broke. No call after this has an effect.</summary>
    public async Task CloseAsync()
    {
        await _turn.WaitAsync();
        _isClosed = true;
        try
        {
            // Only now that no call of the connection is under way: what is tracked later would count as tracked by a live one.
            tracker.ConnectionLost(connection.ConnectionId);

            // All at once: one that fails keeps none of the others.
            await Task.WhenAll(_feeds.Values.Select(feed => feed.DisposeAsync().AsTask()));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Puts a new feed in the place of the one before. If that fails, who has no feed is not in the topic either.</summary>
    private async Task FollowAsync(string topic, string key, TopicFeed? before)
    {
        Subscription? subscription = null;
        try
        {
            subscription = await tracker.SubscribeAsync(topic);
            if (before is not null)
            {
                _feeds.Remove(topic);
                await before.DisposeAsync();
            }

            _feeds[topic] = TopicFeed.Start(key, subscription, client, connection.Abort);
        }
        catch
        {
            if (subscription is not null)
            {
                await subscription.DisposeAsync();
            }

            if (!_feeds.ContainsKey(topic))
            {
                await tracker.UntrackAsync(topic, key, _owner);
            }

            throw;
        }
    }

    private TopicFeed FeedOf(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return _feeds.GetValueOrDefault(topic) ?? throw NotIn(topic);
    }

    private static HubException NotIn(string topic) => new($"this connection has not joined {topic}");

    private async Task<T> InTurnAsync<T>(Func<Task<T>> call)
    {
        await _turn.WaitAsync();
        try
        {
            return _isClosed ? throw new HubException("the connection is closed") : await call();
        }
        finally
        {
            _turn.Release();
        }
    }
}
