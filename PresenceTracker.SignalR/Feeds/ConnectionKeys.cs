namespace PresenceTracker.SignalR.Feeds;

/// <summary>The keys that one connection watches. Not thread-safe.</summary>
internal sealed class ConnectionKeys(Tracker tracker, IPresenceClient client) : IAsyncDisposable
{
    private KeyFeed? _feed;

    /// <summary>Watches these keys and no others.</summary>
    public async Task WatchAsync(IReadOnlyCollection<string> keys)
    {
        var subscription = keys.Count == 0 ? null : await tracker.SubscribeKeysAsync(keys);
        var before = _feed;
        _feed = null;
        try
        {
            await (before?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch
        {
            await (subscription?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }

        _feed = subscription is null ? null : new KeyFeed(subscription, client);
    }

    /// <summary>Nothing is sent any more when this has completed.</summary>
    public ValueTask DisposeAsync() => _feed?.DisposeAsync() ?? ValueTask.CompletedTask;
}
