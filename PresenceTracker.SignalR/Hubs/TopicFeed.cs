using Microsoft.AspNetCore.SignalR;
using PresenceTracker.Errors;
using PresenceTracker.SignalR.Phoenix;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>Sends a topic's state and then its diffs to one connection, each when the one before has been taken.</summary>
internal sealed class TopicFeed : IAsyncDisposable
{
    private readonly Subscription _subscription;
    private readonly IClientProxy _client;
    private readonly Action _abort;
    private Task _sending = Task.CompletedTask;
    private volatile bool _isDisposed;

    private TopicFeed(string key, Subscription subscription, IClientProxy client, Action abort)
    {
        Key = key;
        _subscription = subscription;
        _client = client;
        _abort = abort;
    }

    /// <summary>Under which the connection is in the topic.</summary>
    public string Key { get; }

    /// <param name="subscription">The feed's own from now on.</param>
    /// <param name="abort">Ends the connection: the client is to begin anew, because it cannot be told any more what changes.</param>
    public static TopicFeed Start(string key, Subscription subscription, IClientProxy client, Action abort)
    {
        var feed = new TopicFeed(key, subscription, client, abort);
        feed._sending = Task.Run(feed.SendAsync);
        return feed;
    }

    /// <summary>Nothing is sent any more when this has completed.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _subscription.DisposeAsync();
        await _sending;
    }

    // A send completes when the connection has room for more, so a slow client holds up its own subscription, and nobody else.
    private async Task SendAsync()
    {
        try
        {
            await _client.SendAsync("presence_state", _subscription.Topic, PresencePayload.State(_subscription.Snapshot));
            await foreach (var diff in _subscription.Diffs())
            {
                if (_isDisposed)
                {
                    return;
                }

                var changes = new PhoenixDiff(diff);
                if (!changes.IsEmpty)
                {
                    await _client.SendAsync("presence_diff", _subscription.Topic, PresencePayload.Diff(changes));
                }
            }
        }
        catch (TrackerStoppedException)
        {
            _abort();
        }
        catch
        {
            // Told when the feed is disposed, because then it is awaited.
            _abort();
            throw;
        }
    }
}
