using System.Diagnostics;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>A subscription that is read to its end, its fold, and what it has told. Thread-safe.</summary>
internal sealed class FoldedTopic : IAsyncDisposable
{
    private const int EventsKept = 100_000;

    private readonly Lock _lock = new();
    private readonly Tracker _tracker;
    private readonly Subscription _subscription;
    private readonly TopicFold _fold;
    private readonly List<NodeReply.SeenEvent> _events = [];
    private readonly Task _reading;
    private TaskCompletionSource _moved = NewSignal();
    private string? _broken;

    private FoldedTopic(Tracker tracker, Subscription subscription)
    {
        _tracker = tracker;
        _subscription = subscription;
        _fold = new TopicFold(subscription.Snapshot);
        _reading = ReadAsync();
    }

    public IReadOnlyList<NodeReply.SeenEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public static async Task<FoldedTopic> SubscribeAsync(Tracker tracker, string topic) =>
        new(tracker, await tracker.SubscribeAsync(topic));

    public async Task<NodeReply.SeenEvent> AwaitEventAsync(string kind, string key)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_events.Find(seen => seen.Kind == kind && seen.Key == key) is { } found)
                {
                    return found;
                }

                moved = _moved.Task;
            }

            await moved;
        }
    }

    /// <summary>Waits until the fold is the list, but not for ever; a fold that lags behind a list that moves has no fault yet.</summary>
    public async Task<NodeReply.Folds> CheckAsync(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                var difference = _fold.DifferenceFrom(_tracker.List(_subscription.Topic));
                if (difference is null || timeout.IsCancellationRequested || _broken is not null)
                {
                    string?[] atTheEnd = [difference is null ? null : $"at the end: {difference}", _broken];
                    return new NodeReply.Folds(_fold.Diffs, _fold.Events, _fold.Presences, [.. _fold.Faults, .. atTheEnd.OfType<string>()]);
                }

                moved = _moved.Task;
            }

            await Task.WhenAny(moved, WhenCancelled(timeout.Token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _subscription.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var diff in _subscription.Diffs())
            {
                Apply(diff, Stopwatch.GetTimestamp());
            }
        }
        catch (TrackerStoppedException stopped)
        {
            lock (_lock)
            {
                _broken = $"{_subscription.Topic}: {stopped.Message}";
            }
        }
    }

    private void Apply(TopicDiff diff, long at)
    {
        lock (_lock)
        {
            _fold.Apply(diff);
            foreach (var change in diff.Events)
            {
                if (_events.Count < EventsKept)
                {
                    _events.Add(new NodeReply.SeenEvent(
                        diff.Topic, $"{change.Kind}", change.Presence.Key, change.Presence.Ref, $"{change.Reason}", at));
                }
            }

            _moved.SetResult();
            _moved = NewSignal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Task WhenCancelled(CancellationToken token)
    {
        var signal = NewSignal();
        token.Register(signal.SetResult);
        return signal.Task;
    }
}
