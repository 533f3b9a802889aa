using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>
/// The topics that one connection has joined, of a hub or of the socket, and the keys that it watches. Thread-safe: its calls take turns.
/// </summary>
/// <remarks>What the connection may not do, or not so often, is refused with nothing changed.</remarks>
internal sealed class ConnectionPresences(
    Tracker tracker, TopicFeeds feeds, IPresenceAuthorizer authorizer, PresenceHubOptions options, IPresenceClient client)
{
    private readonly CallTurns _turns = new();
    private readonly Dictionary<string, JoinedTopic> _topics = new(StringComparer.Ordinal);
    private readonly Owner _owner = Owner.Connection(client.Caller.ConnectionId);
    private readonly ConnectionAccess _access = new(client.Caller, authorizer, options);
    private readonly ConnectionKeys _keys = new(tracker, client);
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(client.Aborted);

    /// <summary>A connection is in a topic under one key: joined again under it, the presence is given the meta, and the state is sent anew.</summary>
    /// <param name="key">Null for the id of the authenticated user.</param>
    /// <returns>The ref of the presence.</returns>
    public Task<string> JoinAsync(string topic, string? key, Meta meta) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(topic);
        key ??= client.Caller.UserId;
        ArgumentNullException.ThrowIfNull(key);
        if (_topics.GetValueOrDefault(topic)?.Key is { } other && other != key)
        {
            throw new PresenceRefusedException($"this connection is in {topic} as {other}, and cannot be there as {key} too");
        }

        return (await EnterAsync(topic, key, meta, _topics.GetValueOrDefault(topic)?.IsCounted == true, accepted: null))!;
    });

    /// <summary>
    /// As Phoenix has it: a join takes the place of the one before, under whatever key that was. A presence under the same key goes on.
    /// </summary>
    /// <param name="key">Null to watch only.</param>
    /// <param name="accepted">Tells the client, before it is sent the state; null if something else does.</param>
    public Task ReplaceAsync(string topic, string? key, Meta meta, Func<Task>? accepted) =>
        InTurnAsync(() => EnterAsync(topic, key, meta, isCounted: false, accepted));

    /// <summary>Who is told who is in the topic is told how many instead, also when it joins later. A presence that it has there goes on.</summary>
    public Task WatchCountAsync(string topic) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (_topics.GetValueOrDefault(topic) is not { } joined)
        {
            return await EnterAsync(topic, key: null, Meta.Empty, isCounted: true, accepted: null);
        }

        await _access.CheckListAsync(topic, _end.Token);
        var before = joined.Follower;
        joined.Follower = feeds.NewCount(topic, client);
        await before.EndAsync();
        joined.Follower.Start();
        return joined.Ref;
    });

    /// <summary>The connection, which has joined the topic, is present in it from now on; if it is already, this is an update.</summary>
    /// <returns>The ref of the presence.</returns>
    public Task<string> TrackAsync(string topic, string key, Meta meta) => InTurnAsync(async () =>
    {
        var joined = TopicOf(topic);
        if (joined.Key is not null)
        {
            return await UpdateAsync(topic, joined, meta);
        }

        await _access.CheckJoinAsync(topic, key, _end.Token);
        var tracked = (await tracker.TrackOrUpdateAsync(topic, key, _owner, meta)).Ref!;
        _topics[topic] = new JoinedTopic(joined.Follower, key, tracked);
        return tracked;
    });

    /// <summary>
    /// Publishes the meta now, or if another update was less than the update interval ago, at its end, and then only the last of those given
    /// meanwhile.
    /// </summary>
    /// <returns>The ref of the presence, which is a new one only if the meta has been published.</returns>
    public Task<string> UpdateAsync(string topic, Meta meta) => InTurnAsync(() => UpdateAsync(topic, TopicOf(topic), meta));

    /// <summary>The connection is present no more, and still watches.</summary>
    /// <returns>The ref of what has ended; null if there was nothing.</returns>
    public Task<string?> UntrackAsync(string topic) => InTurnAsync(async () =>
    {
        var joined = TopicOf(topic);
        if (joined.Key is null)
        {
            return null;
        }

        joined.Pending = null;
        await tracker.UntrackAsync(topic, joined.Key, _owner);
        _topics[topic] = new JoinedTopic(joined.Follower, key: null, @ref: null);
        return joined.Ref;
    });

    public Task LeaveAsync(string topic) => InTurnAsync(() => LeaveAsync(topic, TopicOf(topic)));

    /// <summary>As <see cref="LeaveAsync(string)"/>, and nothing if the connection is not in the topic.</summary>
    public Task LeaveIfJoinedAsync(string topic) => InTurnAsync(
        () => _topics.TryGetValue(topic, out var joined) ? LeaveAsync(topic, joined) : Task.FromResult(topic));

    public Task<PresencePayload> ListAsync(string topic) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(topic);
        await _access.CheckListAsync(topic, _end.Token);
        return await feeds.ListAsync(topic);
    });

    public Task<IReadOnlyDictionary<string, bool>> IsOnlineAsync(IReadOnlyCollection<string> keys) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(keys);
        await _access.CheckKeysAsync(keys, _end.Token);
        return tracker.IsOnline(keys);
    });

    /// <summary>Watches these keys and no others.</summary>
    public Task WatchAsync(IReadOnlyCollection<string> keys) => InTurnAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(keys);
        await _access.CheckKeysAsync(keys, _end.Token);
        await _keys.WatchAsync(keys);
        return keys;
    });

    /// <summary>The connection broke. No call after this has an effect.</summary>
    public async Task CloseAsync()
    {
        await _end.CancelAsync();
        await _turns.EndAsync(() =>
        {
            // Only now that no call of the connection is under way: what is tracked later would count as tracked by a live one.
            tracker.ConnectionLost(client.Caller.ConnectionId);

            // All at once: one that fails keeps none of the others.
            return Task.WhenAll(_topics.Values.Select(joined => joined.Follower.EndAsync()).Append(_keys.DisposeAsync().AsTask()));
        });
    }

    private static PresenceRefusedException NotIn(string topic) => new($"this connection has not joined {topic}");

    internal static PresenceRefusedException NotPresent() => new("this channel is not present: it joined without a key, or has left");

    /// <returns>The ref of the presence; null if the connection only watches.</returns>
    private async Task<string?> EnterAsync(string topic, string? key, Meta meta, bool isCounted, Func<Task>? accepted)
    {
        var before = _topics.GetValueOrDefault(topic);
        _access.CheckTopics(_topics.Count + (before is null ? 1 : 0));
        await (key is null ? _access.CheckListAsync(topic, _end.Token) : _access.CheckJoinAsync(topic, key, _end.Token));

        // In this order nobody is listed who cannot be told of the topic, and the state that the client is sent first has the client itself in it.
        ITopicFollower follower = isCounted ? feeds.NewCount(topic, client) : await feeds.AddAsync(topic, client);
        var joined = new JoinedTopic(follower, key, await TrackedAsync(topic, key, meta, follower));
        _topics[topic] = joined;
        if (before is not null)
        {
            try
            {
                await EndAsync(topic, before, before.Key == key ? null : before.Key);
            }
            catch
            {
                await LeaveAsync(topic, joined);
                throw;
            }
        }

        await (accepted?.Invoke() ?? Task.CompletedTask);
        follower.Start();
        return joined.Ref;
    }

    private async Task<string?> TrackedAsync(string topic, string? key, Meta meta, ITopicFollower follower)
    {
        try
        {
            return key is null ? null : (await tracker.TrackOrUpdateAsync(topic, key, _owner, meta)).Ref;
        }
        catch
        {
            await follower.EndAsync();
            throw;
        }
    }

    private async Task<string> LeaveAsync(string topic, JoinedTopic joined)
    {
        _topics.Remove(topic);
        await EndAsync(topic, joined, joined.Key);
        return topic;
    }

    /// <param name="key">Under which the connection is present no more; null if there is none, or it goes on.</param>
    private async Task EndAsync(string topic, JoinedTopic joined, string? key)
    {
        joined.Pending = null;
        try
        {
            // The feed ends first, so that who leaves is not told of it. Others are, however long this client takes for what is being sent to it.
            var ending = joined.Follower.EndAsync();
            try
            {
                await (key is null ? Task.CompletedTask : tracker.UntrackAsync(topic, key, _owner));
            }
            finally
            {
                await ending;
            }
        }
        catch
        {
            // Clients take a leave for done whatever the answer, so who is still listed is to go with the connection.
            client.Abort();
            throw;
        }
    }

    private async Task<string> UpdateAsync(string topic, JoinedTopic joined, Meta meta)
    {
        if (joined.Key is null)
        {
            throw NotPresent();
        }

        tracker.Settings.CheckMeta(meta);
        if (joined.UntilNextUpdate(options.UpdateInterval) is var wait && wait > TimeSpan.Zero)
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

        return joined.Ref!;
    }

    private async Task PublishAsync(string topic, JoinedTopic joined, Meta meta)
    {
        var updated = await tracker.UpdateAsync(topic, joined.Key!, _owner, meta);
        if (updated.Status == TrackStatus.NotTracked)
        {
            throw NotIn(topic);
        }

        joined.Updated(updated.Ref!);
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
        catch (PresenceException)
        {
            // Nobody waits for the answer. The client is to begin anew.
            client.Abort();
        }
    }

    private JoinedTopic TopicOf(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return _topics.GetValueOrDefault(topic) ?? throw NotIn(topic);
    }

    private Task<T> InTurnAsync<T>(Func<Task<T>> call) => _turns.RunAsync(call);
}
