using Microsoft.AspNetCore.SignalR;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>The topics that one connection has joined, and the keys that it watches. Thread-safe: its calls take turns.</summary>
internal sealed class ConnectionPresences(Tracker tracker, TopicFeeds feeds, PresenceHubOptions options, IPresenceClient client)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, TopicMember> _members = new(StringComparer.Ordinal);
    private readonly Owner _owner = Owner.Connection(client.ConnectionId);
    private KeyFeed? _keys;
    private bool _isClosed;

    /// <returns>The ref of the presence.</returns>
    public Task<string> JoinAsync(string topic, string key, Meta meta) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(key);
        var before = _members.GetValueOrDefault(topic);
        if (before is not null && before.Key != key)
        {
            throw new HubException($"this connection is in {topic} as {before.Key}, and cannot be there as {key} too");
        }

        if (before is null && _members.Count >= options.TopicsMax)
        {
            throw new LimitExceededException(
                "topics of a connection", $"{_members.Count + 1}", $"at most {options.TopicsMax}", nameof(PresenceHubOptions.TopicsMax));
        }

        // In this order the state that the client is sent first has the client itself in it.
        var tracked = await tracker.TrackOrUpdateAsync(topic, key, _owner, meta);
        await FollowAsync(topic, key, before);
        return tracked.Ref!;
    });

    /// <returns>The ref of the presence.</returns>
    public Task<string> UpdateAsync(string topic, Meta meta) => InTurnAsync(async () =>
    {
        var updated = await tracker.UpdateAsync(topic, MemberOf(topic).Key, _owner, meta);
        return updated.Status == TrackStatus.NotTracked ? throw NotIn(topic) : updated.Ref!;
    });

    public Task LeaveAsync(string topic) => InTurnAsync(async () =>
    {
        // The feed ends first, so that who leaves is not told of it.
        var member = MemberOf(topic);
        try
        {
            await feeds.RemoveAsync(member);
        }
        finally
        {
            await tracker.UntrackAsync(topic, member.Key, _owner);
            _members.Remove(topic);
        }

        return topic;
    });

    public PresencePayload List(string topic) => PresencePayload.State(tracker.List(topic));

    public IReadOnlyDictionary<string, bool> IsOnline(IReadOnlyCollection<string> keys)
    {
        CheckCount(keys);
        return tracker.IsOnline(keys);
    }

    /// <summary>Watches these keys and no others.</summary>
    public Task WatchAsync(IReadOnlyCollection<string> keys) => InTurnAsync(async () =>
    {
        CheckCount(keys);
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
        await _turn.WaitAsync();
        _isClosed = true;
        try
        {
            // Only now that no call of the connection is under way: what is tracked later would count as tracked by a live one.
            tracker.ConnectionLost(client.ConnectionId);

            // All at once: one that fails keeps none of the others.
            await Task.WhenAll(_members.Values.Select(feeds.RemoveAsync).Append(_keys?.DisposeAsync().AsTask() ?? Task.CompletedTask));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Puts a new member in the place of the one before. If that fails, who is no member is not in the topic either.</summary>
    private async Task FollowAsync(string topic, string key, TopicMember? before)
    {
        try
        {
            if (before is not null)
            {
                _members.Remove(topic);
                await feeds.RemoveAsync(before);
            }

            _members[topic] = await feeds.AddAsync(topic, key, client);
        }
        catch
        {
            await tracker.UntrackAsync(topic, key, _owner);
            throw;
        }
    }

    private void CheckCount(IReadOnlyCollection<string> keys)
    {
        if (keys.Count > options.KeysMax)
        {
            throw new LimitExceededException(
                "keys of a connection", $"{keys.Count}", $"at most {options.KeysMax}", nameof(PresenceHubOptions.KeysMax));
        }
    }

    private TopicMember MemberOf(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return _members.GetValueOrDefault(topic) ?? throw NotIn(topic);
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
