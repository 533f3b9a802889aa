using PresenceTracker.Errors;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Socket;

/// <summary>A topic that a connection has joined: sends its state and then its diffs, each when the one before has been taken.</summary>
internal sealed class SocketChannel : IAsyncDisposable
{
    private readonly SocketConnection _connection;
    private Subscription? _subscription;
    private Task _sending = Task.CompletedTask;
    private volatile bool _isDisposed;

    /// <param name="key">Null if it only watches.</param>
    public SocketChannel(SocketConnection connection, string topic, string? joinRef, string? key) =>
        (_connection, Topic, JoinRef, Key) = (connection, topic, joinRef, key);

    public string Topic { get; }

    public string? JoinRef { get; }

    public string? Key { get; }

    /// <summary>The ref of its presence; null if it is not present.</summary>
    public string? Ref { get; set; }

    /// <param name="subscription">The channel's own from now on.</param>
    public void Start(Subscription subscription)
    {
        _subscription = subscription;
        _sending = Task.Run(SendAsync);
    }

    /// <summary>Nothing is sent any more when this has completed.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_subscription is not null)
        {
            await _subscription.DisposeAsync();
        }

        await _sending;
    }

    // A send completes when the connection has room for more, so a slow client holds up its own subscription, and nobody else.
    private async Task SendAsync()
    {
        try
        {
            await _connection.SendAsync(SocketFrames.State(_connection.Version, JoinRef, _subscription!.Snapshot));
            await foreach (var diff in _subscription.Diffs())
            {
                if (_isDisposed)
                {
                    return;
                }

                var frame = SocketFrames.Diff(_connection.Version, diff);
                if (!frame.IsEmpty)
                {
                    await _connection.SendAsync(frame);
                }
            }
        }
        catch (TrackerStoppedException)
        {
            await _connection.CloseAsync(SocketConnection.ServiceRestart, "the node stops");
        }
        catch (ShardUnavailableException down)
        {
            await _connection.SendAsync(SocketFrames.End(_connection.Version, JoinRef, Topic, "phx_error", down.Message));
        }
        catch
        {
            // Told when the channel is disposed, because then it is awaited.
            _connection.Abort();
            throw;
        }
    }
}
