using System.Diagnostics;
using Microsoft.AspNetCore.SignalR;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>The topics that one connection has joined, and the keys that it watches. Thread-safe: its calls take turns.</summary>
/// <remarks>What the connection may not do, or not so often, is refused with nothing changed.</remarks>
internal sealed class ConnectionPresences(
    Tracker tracker, TopicFeeds feeds, IPresenceAuthorizer authorizer, PresenceHubOptions options, IPresenceClient client)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, JoinedTopic> _topics = new(StringComparer.Ordinal);
    private readonly Owner _owner = Owner.Connection(client.Caller.ConnectionId);
    private readonly TokenBucket _calls = new(options.CallsBurst, options.CallsPerSecond);
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource _end = new();
    private KeyFeed? _keys;
    private bool _isClosed;

    private TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    /// <param name="key">Null for the id of the authenticated user.</param>
    /// <returns>The ref of the presence.</returns>
    public Task<string> JoinAsync(string topic, string? key, Meta meta) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(topic);
        key ??= client.Caller.UserId;
        ArgumentNullException.ThrowIfNull(key);
        TakeToken();
        var before = _topics.GetValueOrDefault(topic);
        if (before is not null && before.Key != key)
        {
            throw new HubException($"this connection is in {topic} as {before.Key}, and cannot be there as {key} too");
        }

        if (before is null && _topics.Count >= options.TopicsMax)
        {
            throw new LimitExceededException(
                "topics of a connection", $"{_topics.Count + 1}", $"at most {options.TopicsMax}", nameof(PresenceHubOptions.TopicsMax));
        }

        Check(await authorizer.MayJoinAsync(client.Caller, topic, key, _end.Token));

        // In this order the state that the client is sent first has the client itself in it.
        var tracked = await tracker.TrackOrUpdateAsync(topic, key, _owner, meta);
        await FollowAsync(topic, key, before, tracked.Ref!);
        return tracked.Ref!;
    });

    /// <summary>
    /// Publishes the meta now, or if another update was less than the update interval ago, at its end, and then only the last of those given
    /// meanwhile.
    /// </summary>
    /// <returns>The ref of the presence, which is a new one only if the meta has been published.</returns>
    public Task<string> UpdateAsync(string topic, Meta meta) => InTurnAsync(async () =>
    {
        var joined = TopicOf(topic);
        if (meta.Utf8.Length > tracker.Settings.MetaBytesMax)
        {
            throw new LimitExceededException(
                "meta", $"{meta.Utf8.Length} bytes", $"at most {tracker.Settings.MetaBytesMax} bytes", "presence.limits.meta");
        }

        if (joined.UpdatedAt + options.UpdateInterval - Now is { } wait && wait > TimeSpan.Zero)
        {
            var isWaiting = joined.Pending is not null;
            joined.Pending = meta;
            if (!isWaiting)
            {
                _ = PublishLaterAsync(topic, joined, wait);
            }
        }
        else
        {
            await PublishAsync(topic, joined, meta);
        }

        return joined.Ref;
    });

    public Task LeaveAsync(string topic) => InTurnAsync(async () =>
    {
        var joined = TopicOf(topic);
        TakeToken();
        try
        {
            // The feed ends first, so that who leaves is not told of it.
            await feeds.RemoveAsync(joined.Member);
        }
        finally
        {
            joined.Pending = null;
            await tracker.UntrackAsync(topic, joined.Key, _owner);
            _topics.Remove(topic);
        }

        return topic;
    });

    public Task<PresencePayload> ListAsync(string topic) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(topic);
        TakeToken();
        Check(await authorizer.MayListAsync(client.Caller, topic, _end.Token));
        return PresencePayload.State(tracker.List(topic));
    });

    public Task<IReadOnlyDictionary<string, bool>> IsOnlineAsync(IReadOnlyCollection<string> keys) => InTurnAsync(async () =>
    {
        await CheckKeysAsync(keys);
        return tracker.IsOnline(keys);
    });

    /// <summary>Watches these keys and no others.</summary>
    public Task WatchAsync(IReadOnlyCollection<string> keys) => InTurnAsync(async () =>
    {
        await CheckKeysAsync(keys);
        var subscription = keys.Count == 0 ? null : await tracker.SubscribeKeysAsync(keys);
        var before = _keys;
        _keys = null;
        if (before is not null)
        {
            await before.DisposeAsync();
        }

        _keys = subscription is null ? null : new KeyFeed(subscription, client);
        return keys;
    });

    /// <summary>The connection broke. No call after this has an effect.</summary>
    public async Task CloseAsync()
    {
        await _end.CancelAsync();
        await _turn.WaitAsync();
        _isClosed = true;
        try
        {
            // Only now that no call of the connection is under way: what is tracked later would count as tracked by a live one.
            tracker.ConnectionLost(client.Caller.ConnectionId);

            // All at once: one that fails keeps none of the others.
            await Task.WhenAll(_topics.Values.Select(joined => feeds.RemoveAsync(joined.Member))
                .Append(_keys?.DisposeAsync().AsTask() ?? Task.CompletedTask));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Puts a new member in the place of the one before. If that fails, who is no member is not in the topic either.</summary>
    private async Task FollowAsync(string topic, string key, JoinedTopic? before, string @ref)
    {
        try
        {
            if (before is not null)
            {
                before.Pending = null;
                _topics.Remove(topic);
                await feeds.RemoveAsync(before.Member);
            }

            _topics[topic] = new JoinedTopic(await feeds.AddAsync(topic, key, client), @ref);
        }
        catch
        {
            await tracker.UntrackAsync(topic, key, _owner);
            throw;
        }
    }

    private async Task PublishAsync(string topic, JoinedTopic joined, Meta meta)
    {
        var updated = await tracker.UpdateAsync(topic, joined.Key, _owner, meta);
        if (updated.Status == TrackStatus.NotTracked)
        {
            throw NotIn(topic);
        }

        joined.Updated(updated.Ref!, Now);
    }

    private async Task PublishLaterAsync(string topic, JoinedTopic joined, TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _end.Token);
            await InTurnAsync(async () =>
            {
                if (joined.Pending is { } meta)
                {
                    await PublishAsync(topic, joined, meta);
                }

                return topic;
            });
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The connection is over, and the presence lives on as it is for its grace.
        }
        catch (Exception refused) when (refused is PresenceException or HubException)
        {
            // Nobody waits for the answer. The client is to begin anew.
            client.Abort();
        }
    }

    private void TakeToken()
    {
        if (!_calls.TryTake(Now))
        {
            throw new LimitExceededException(
                "calls of a connection", "one more", $"at most {options.CallsBurst} at once and {options.CallsPerSecond} a second",
                $"{nameof(PresenceHubOptions.CallsBurst)}, {nameof(PresenceHubOptions.CallsPerSecond)}");
        }
    }

    private async Task CheckKeysAsync(IReadOnlyCollection<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        TakeToken();
        if (keys.Count > options.KeysMax)
        {
            throw new LimitExceededException(
                "keys of a connection", $"{keys.Count}", $"at most {options.KeysMax}", nameof(PresenceHubOptions.KeysMax));
        }

        Check(await authorizer.MayWatchAsync(client.Caller, keys, _end.Token));
    }

    private static void Check(PresenceAccess access)
    {
        if (access.Reason is { } reason)
        {
            throw new HubException(reason);
        }
    }

    private JoinedTopic TopicOf(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return _topics.GetValueOrDefault(topic) ?? throw NotIn(topic);
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
