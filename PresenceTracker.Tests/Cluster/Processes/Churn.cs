using System.Diagnostics;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>Makes changes at a steady rate: mostly updates, the rest tracks and untracks, so that what is live keeps its size.</summary>
internal sealed class Churn : IAsyncDisposable
{
    public const int Keys = 2_000;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task<NodeReply.Churned> _running;

    public Churn(Tracker tracker, NodeRequest.StartChurn load) => _running = Task.Run(() => RunAsync(tracker, load));

    public Task<NodeReply.Churned> StopAsync()
    {
        _stop.Cancel();
        return _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task<NodeReply.Churned> RunAsync(Tracker tracker, NodeRequest.StartChurn load)
    {
        using var beats = new PeriodicTimer(Beat);
        var began = Stopwatch.GetTimestamp();
        var changes = 0;
        while (!_stop.IsCancellationRequested && await beats.WaitForNextTickAsync(CancellationToken.None))
        {
            // What is due by the clock, so that a late beat makes up for it.
            var due = (int)(Stopwatch.GetElapsedTime(began).TotalSeconds * load.ChangesPerSecond);
            List<Task> pending = [];
            for (; changes < due; changes++)
            {
                pending.Add(ChangeAsync(tracker, load, changes));
            }

            await Task.WhenAll(pending);
        }

        return new NodeReply.Churned(changes, Stopwatch.GetElapsedTime(began));
    }

    private static Task ChangeAsync(Tracker tracker, NodeRequest.StartChurn load, int change)
    {
        var number = change % Keys;
        var round = change / Keys;
        var topic = load.Topics[number % load.Topics.Length];
        var key = $"{load.KeyPrefix}-{number}";

        // Every key is tracked, updated three times and untracked, but not all in step.
        return ((round + number) % 5) switch
        {
            4 => tracker.UntrackAsync(topic, key, NodeCommands.Owner),
            _ => tracker.TrackOrUpdateAsync(topic, key, NodeCommands.Owner, new { change }),
        };
    }
}
