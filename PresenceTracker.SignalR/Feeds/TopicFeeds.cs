using System.Collections.Concurrent;
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
    private readonly Lock _gate = new();

    // Changed in the lock, and read by the gauge without it.
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public TopicFeeds(Tracker tracker, EnricherCalls enricher, IOptions<PresenceHubOptions> options)
    {
        (_tracker, _enricher, _options) = (tracker, enricher, options.Value);
        _metrics = new FeedMetrics(
            tracker.Self.Address, longestQueue: () => _entries.Select(entry => entry.Value.Feed.LongestQueue).DefaultIfEmpty().Max());
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

        return new TopicMember(this, entry.Feed, client);
    }

    /// <summary>The client is sent how many are in the topic, once it is started.</summary>
    public CountFeed NewCount(string topic, IPresenceClient client) => new(topic, _tracker, _options.CountInterval, client);

    /// <summary>For when a member ends.</summary>
    public async Task RemoveAsync(TopicMember member)
    {
        try
        {
            await member.Feed.RemoveAsync(member);
        }
        finally
        {
            Entry entry;
            lock (_gate)
            {
                entry = _entries[member.Feed.Topic];
            }

            await ReleaseAsync(entry);
        }
    }

    public void Dispose() => _metrics.Dispose();

    private Entry Take(string topic)
    {
        lock (_gate)
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
        lock (_gate)
        {
            if (--entry.Users > 0)
            {
                return;
            }

            _entries.TryRemove(entry.Feed.Topic, out _);
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
