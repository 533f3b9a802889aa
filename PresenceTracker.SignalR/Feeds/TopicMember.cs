using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>
/// One connection in a topic: it is sent the state and then the diffs, each when the one before has been taken. So many wait for it and no
/// more; then it is passed over, and when it has taken all that waits, one diff leads it to the present state. Thread-safe.
/// </summary>
internal sealed class TopicMember(TopicFeeds feeds, TopicFeed feed, IPresenceClient client) : ITopicFollower
{
    /// <summary>How many messages wait for one connection. All connections share the same messages, so it bounds what a topic keeps.</summary>
    internal const int QueueMax = 64;

    private readonly Lock _gate = new();
    private readonly Queue<FeedMessage> _queue = new();
    private Task _sending = Task.CompletedTask;
    private TopicView? _seen;
    private int _queued;
    private bool _isSending;
    private bool _isBehind;
    private bool _isClosed;

    public TopicFeed Feed { get; } = feed;

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>How many messages wait for the connection. Takes no lock: metrics are not to wait for a connection.</summary>
    public int Queued => Volatile.Read(ref _queued);

    /// <summary>From now on it is sent the state, which has in it what is listed now, and then the diffs.</summary>
    public void Start() => Feed.Add(this);

    public Task EndAsync() => feeds.RemoveAsync(this);

    /// <param name="view">What the state is of.</param>
    public void Begin(FeedMessage state, TopicView view)
    {
        lock (_gate)
        {
            _seen = view;
            Enqueue(state);
        }
    }

    /// <param name="view">The topic after the changes.</param>
    /// <param name="since">The message for who has seen the topic at a version; null if that comes to nothing.</param>
    public void Offer(TopicView view, Func<ulong, FeedMessage?> since)
    {
        lock (_gate)
        {
            if (_isClosed || _isBehind || _seen!.Version >= view.Version)
            {
                return;
            }

            if (_queue.Count == QueueMax)
            {
                _isBehind = true;
                Feed.Metrics.Lagged();
                return;
            }

            if (since(_seen.Version) is { } message)
            {
                Enqueue(message);
            }

            _seen = view;
        }
    }

    public void Abort() => client.Abort();

    /// <summary>Nothing is sent any more when this has completed.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            (_isClosed, _isBehind) = (true, false);
            _queue.Clear();
            Volatile.Write(ref _queued, 0);
            return _sending;
        }
    }

    private void Enqueue(FeedMessage message)
    {
        if (_isClosed)
        {
            return;
        }

        _queue.Enqueue(message);
        Volatile.Write(ref _queued, _queue.Count);
        if (!_isSending)
        {
            // Sends at once what the connection has room for.
            _isSending = true;
            _sending = SendAsync();
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (Next(out var message, out var missed))
            {
                message ??= missed is null ? null : await Feed.DiffAsync(missed);
                if (message is not null)
                {
                    await client.SendAsync(message);
                    Feed.Metrics.Sent(message);
                }
            }
        }
        catch
        {
            // Told when the member is closed, because then it is awaited.
            client.Abort();
            throw;
        }
    }

    /// <param name="message">What waits; null if nothing does.</param>
    /// <param name="missed">What the member was passed over for; null if it was not.</param>
    /// <returns>False if there is neither.</returns>
    private bool Next(out FeedMessage? message, out TopicDiff? missed)
    {
        lock (_gate)
        {
            missed = null;
            _isSending = _queue.TryDequeue(out message) || _isBehind;
            Volatile.Write(ref _queued, _queue.Count);
            if (message is null && _isBehind)
            {
                // Who changes the topic's view offers the changes afterwards, so none of them is passed over.
                missed = TopicDiff.Between(_seen!, Feed.View);
                (_seen, _isBehind) = (missed.After, false);
            }

            return _isSending;
        }
    }
}
