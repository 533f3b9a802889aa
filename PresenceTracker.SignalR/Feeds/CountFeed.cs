using PresenceTracker.Errors;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>
/// Tells one connection how many are in a topic, and not who: at first, and then, when that has changed, once an interval. It reads the count that
/// the node keeps, so a change of a large room costs nothing here, and whoever takes it slowly is told the present count next.
/// </summary>
internal sealed class CountFeed(string topic, Tracker tracker, TimeSpan interval, IPresenceClient client) : ITopicFollower
{
    private readonly CancellationTokenSource _end = new();
    private Task _telling = Task.CompletedTask;

    public void Start() => _telling = Task.Run(TellAsync);

    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _telling;
        _end.Dispose();
    }

    /// <summary>
    /// Whether what the node counts of the topic stays as it is, for it has stopped, or the topic's shard stays down. The shard is asked only where
    /// the node says that not all is well.
    /// </summary>
    private async Task<bool> HasFailedAsync()
    {
        if (!tracker.Ready.IsCompleted || tracker.IsReady)
        {
            return false;
        }

        try
        {
            await using var answer = await tracker.SubscribeAsync(topic, _end.Token);
            return false;
        }
        catch (Exception failed) when (failed is TrackerStoppedException or ShardUnavailableException { IsForGood: true })
        {
            return true;
        }
        catch (ShardUnavailableException)
        {
            // Its next epoch counts on.
            return false;
        }
    }

    private async Task TellAsync()
    {
        try
        {
            TopicCount? told = null;
            using var timer = new PeriodicTimer(interval);
            do
            {
                var count = tracker.Count(topic);
                if (count != told)
                {
                    await client.SendAsync(FeedMessage.Count(topic, count));
                    told = count;
                }
            }
            while (await timer.WaitForNextTickAsync(_end.Token) && !await HasFailedAsync());
            client.Abort();
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Nobody wants to know any more.
        }
        catch
        {
            // Told when the feed ends, because then it is awaited.
            client.Abort();
            throw;
        }
    }
}
