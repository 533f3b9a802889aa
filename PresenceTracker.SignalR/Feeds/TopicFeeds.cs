using Microsoft.Extensions.Options;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>The topics that connections of this node are in, each with one feed for as long as there is one. Thread-safe.</summary>
internal sealed class TopicFeeds : IDisposable
{
    private readonly Tracker _tracker;
    private readonly EnricherCalls _enricher;
    private readonly PresenceHubOptions _options;
    private readonly FeedMetrics _metrics;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public TopicFeeds(Tracker tracker, EnricherCalls enricher, IOptions<PresenceHubOptions> options)
    {
        (_tracker, _enricher, _options) = (tracker, enricher, options.Value);
        _metrics = new FeedMetrics(tracker.Self.Address, LongestQueue);
    }

    /// <summary>The topic as it is now, whether anybody is in it or not.</summary>
    public async ValueTask<PresencePayload> ListAsync(string topic)
    {
        var view = _tracker.List(topic);
        return PresencePayload.State(view, await _enricher.FetchAsync(topic, view.Keys));
    }

    /// <summary>The member is sent the topic's state and then its diffs, once it is started.</summary>
    public async Task<TopicMember> AddAsync(string topic, IPresenceClient client)
    {
        var entry = Take(topic);
        try
        {
            await entry.Started;
        }
        catch
        {
            await ReleaseAsync(entry);
            throw;
        }

        return new TopicMember(entry.Feed, client);
    }

    /// <summary>Nothing is sent to the member any more when this has completed.</summary>
    public async Task RemoveAsync(TopicMember member)
    {
        try
        {
            await member.Feed.RemoveAsync(member);
        }
        finally
        {
            Entry entry;
            lock (_entries)
            {
                entry = _entries[member.Feed.Topic];
            }

            await ReleaseAsync(entry);
        }
    }

    public void Dispose() => _metrics.Dispose();

    private int LongestQueue()
    {
        lock (_entries)
        {
            return _entries.Values.Select(entry => entry.Feed.LongestQueue).DefaultIfEmpty().Max();
        }
    }

    private Entry Take(string topic)
    {
        lock (_entries)
        {
            if (!_entries.TryGetValue(topic, out var entry))
            {
                var feed = new TopicFeed(topic, _tracker, _enricher, _options, _metrics);
                _entries[topic] = entry = new Entry(feed, feed.StartAsync());
            }

            entry.Users++;
            return entry;
        }
    }

    private async Task ReleaseAsync(Entry entry)
    {
        lock (_entries)
        {
            if (--entry.Users > 0)
            {
                return;
            }

            _entries.Remove(entry.Feed.Topic);
        }

        await entry.Feed.EndAsync();
    }

    private sealed class Entry(TopicFeed feed, Task started)
    {
        public TopicFeed Feed { get; } = feed;

        public Task Started { get; } = started;

        public int Users { get; set; }
    }
}
