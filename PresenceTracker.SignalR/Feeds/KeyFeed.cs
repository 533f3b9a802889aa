using PresenceTracker.Errors;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>Sends one connection which of its keys are online and then what changes of that, each when the one before has been taken.</summary>
internal sealed class KeyFeed : IAsyncDisposable
{
    private readonly KeySubscription _subscription;
    private readonly IPresenceClient _client;
    private readonly Task _sending;
    private volatile bool _isDisposed;

    /// <param name="subscription">The feed's own from now on.</param>
    public KeyFeed(KeySubscription subscription, IPresenceClient client)
    {
        _subscription = subscription;
        _client = client;
        _sending = Task.Run(SendAsync);
    }

    /// <summary>Nothing is sent any more when this has completed.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _subscription.DisposeAsync();
        await _sending;
    }

    private async Task SendAsync()
    {
        try
        {
            await _client.SendAsync(FeedMessage.KeysState(_subscription.TakeSnapshot()));
            await foreach (var diff in _subscription.Diffs())
            {
                if (_isDisposed)
                {
                    return;
                }

                await _client.SendAsync(FeedMessage.KeysDiff(diff));
            }
        }
        catch (TrackerStoppedException)
        {
            _client.Abort();
        }
        catch
        {
            // Told when the feed is disposed, because then it is awaited.
            _client.Abort();
            throw;
        }
    }
}
