using System.Collections.Concurrent;
using System.Threading.Channels;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>
/// Follows one topic for all connections of this node that are in it: each change is encoded once and written to each of them. What changes
/// after a quiet time is sent at once; then changes are collected for a window that grows with the number of connections, and what comes to
/// nothing within it is not sent at all. Whoever joins within a window is sent the state at its end, encoded once for all of them.
/// </summary>
internal sealed class TopicFeed(string topic, Tracker tracker, EnricherCalls enricher, PresenceHubOptions options, FeedMetrics metrics)
{
    private readonly ConcurrentDictionary<TopicMember, bool> _members = new();
    private readonly Channel<TopicMember> _joining = Channel.CreateUnbounded<TopicMember>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _end = new();

    // By version, what members were sent that is newer than what has been offered: as many as were admitted while the subscription was behind.
    private readonly Dictionary<ulong, TopicView> _ahead = [];
    private Subscription? _subscription;
    private TopicView? _view;
    private Task _following = Task.CompletedTask;

    public string Topic { get; } = topic;

    /// <summary>What has been offered to the members.</summary>
    public TopicView View => Volatile.Read(ref _view)!;

    public FeedMetrics Metrics => metrics;

    /// <summary>How many messages wait for the slowest member.</summary>
    public int LongestQueue => _members.Select(member => member.Key.Queued).DefaultIfEmpty().Max();

    private TimeSpan Window
    {
        get
        {
            var window = options.DiffWindowPerConnection * _members.Count;
            return window < options.DiffWindowMax ? window : options.DiffWindowMax;
        }
    }

    /// <exception cref="PresenceException">The topic cannot be followed.</exception>
    public async Task StartAsync()
    {
        _subscription = await tracker.SubscribeAsync(Topic);
        _view = _subscription.TakeSnapshot();
        _following = Task.Run(FollowAsync);
    }

    /// <summary>The member is sent a state that has in it what was listed before the call.</summary>
    public void Add(TopicMember member)
    {
        if (!_joining.Writer.TryWrite(member))
        {
            member.Abort();
        }
    }

    /// <summary>What leads from what a member has seen to what has been offered to the others.</summary>
    /// <returns>Null if that comes to nothing.</returns>
    public async ValueTask<FeedMessage?> DiffAsync(TopicDiff missed) =>
        Diff(missed.Events, await enricher.FetchAsync(Topic, missed.Events.Select(change => change.Presence.Key)));

    /// <summary>Nothing is sent to the member any more when this has completed.</summary>
    public Task RemoveAsync(TopicMember member)
    {
        var closing = member.CloseAsync();
        _members.TryRemove(member, out _);
        return closing;
    }

    /// <summary>For when it has no members.</summary>
    public async Task EndAsync()
    {
        if (_subscription is not null)
        {
            await _end.CancelAsync();
            await _subscription.DisposeAsync();
            await _following;
        }

        _end.Dispose();
    }

    private async Task FollowAsync()
    {
        try
        {
            // Not disposed: it has nothing to release, and cannot be while it waits.
            var diffs = _subscription!.Diffs().GetAsyncEnumerator(_end.Token);
            var next = diffs.MoveNextAsync().AsTask();
            var joiner = _joining.Reader.WaitToReadAsync(_end.Token).AsTask();
            while (true)
            {
                await Task.WhenAny(next, joiner);
                var changes = new List<TopicDiff>();
                while (next.IsCompleted && changes.Count < tracker.Settings.SubscriberQueue)
                {
                    if (!await next)
                    {
                        return;
                    }

                    changes.Add(diffs.Current);
                    next = diffs.MoveNextAsync().AsTask();
                }

                await PublishAsync(changes);
                if (joiner.IsCompleted)
                {
                    await joiner;
                    await AdmitAsync();
                    joiner = _joining.Reader.WaitToReadAsync(_end.Token).AsTask();
                }

                await Task.Delay(Window, _end.Token);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Nobody follows it any more.
        }
        catch (Exception fault)
        {
            Fail();
            if (fault is not TrackerStoppedException)
            {
                // Told when the feed ends, because then it is awaited.
                throw;
            }
        }
    }

    private async Task PublishAsync(List<TopicDiff> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        // Members that were admitted with a newer state than the others had miss the changes before that, and nearly all share one message.
        var view = changes[^1].After;
        var unseen = _ahead.Values.Append(View).ToDictionary(seen => seen.Version, seen => Unseen(changes, seen));
        var fields = await enricher.FetchAsync(Topic, unseen.Values.SelectMany(events => events).Select(change => change.Presence.Key));
        Volatile.Write(ref _view, view);
        metrics.Published();

        var messages = new Dictionary<ulong, FeedMessage?>();
        foreach (var (member, _) in _members)
        {
            member.Offer(view, Since);
        }

        foreach (var version in _ahead.Keys.Where(version => version <= view.Version).ToList())
        {
            _ahead.Remove(version);
        }

        FeedMessage? Since(ulong version)
        {
            if (!messages.TryGetValue(version, out var message))
            {
                messages[version] = message = Diff(unseen[version], fields);
            }

            return message;
        }
    }

    /// <summary>What leads a reader from what it has seen to the last of the changes.</summary>
    private static List<PresenceEvent> Unseen(List<TopicDiff> changes, TopicView seen)
    {
        var unseen = changes.Where(change => change.After.Version > seen.Version).ToList();
        if (unseen.Count > 0 && unseen[0].Before.Version < seen.Version)
        {
            // A subscription that was behind goes in one step over what the reader has seen, and that may be left out of the step or in it twice.
            unseen[0] = TopicDiff.Between(seen, unseen[0].After);
        }

        return [.. unseen.SelectMany(change => change.Events)];
    }

    private FeedMessage? Diff(IEnumerable<PresenceEvent> changes, IReadOnlyDictionary<string, Meta> fields)
    {
        var message = FeedMessage.Diff(Topic, changes, fields);
        if (message is not null)
        {
            metrics.Encoded(message);
        }

        return message;
    }

    private async Task AdmitAsync()
    {
        // Only these: who comes while the enricher is asked is sent a state that has in it what was listed then.
        var joiners = new List<TopicMember>();
        while (_joining.Reader.TryRead(out var member))
        {
            _members[member] = true;
            joiners.Add(member);
        }

        // A list has in it what the subscription may not have brought yet. Of an empty one nobody knows which changes it covers.
        var listed = tracker.List(Topic);
        var view = listed.MetaCount > 0 && listed.Version > View.Version ? listed : View;
        if (view != View)
        {
            _ahead[view.Version] = view;
        }

        var state = FeedMessage.State(view, await enricher.FetchAsync(Topic, view.Keys));
        metrics.Encoded(state);
        foreach (var member in joiners)
        {
            member.Begin(state, view);
            if (member.IsClosed)
            {
                _members.TryRemove(member, out _);
            }
        }
    }

    private void Fail()
    {
        _joining.Writer.TryComplete();
        while (_joining.Reader.TryRead(out var member))
        {
            member.Abort();
        }

        foreach (var (member, _) in _members)
        {
            member.Abort();
        }
    }
}
