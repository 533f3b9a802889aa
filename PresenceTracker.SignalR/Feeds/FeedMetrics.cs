using System.Diagnostics.Metrics;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>What the feeds of topics cost this node, under the meter of the tracker. Thread-safe.</summary>
internal sealed class FeedMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _diffs;
    private readonly Counter<long> _encoded;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _lagged;

    /// <param name="node">The address of this node.</param>
    /// <param name="longestQueue">How many messages wait for the slowest connection.</param>
    public FeedMetrics(string node, Func<int> longestQueue)
    {
        _meter = new Meter(new MeterOptions("PresenceTracker") { Tags = [new("node", node)] });
        _diffs = _meter.CreateCounter<long>(
            "presence.feeds.diffs", "{diff}", "Diffs of topics for the connections of this node, each of all that changed in a window.");
        _encoded = _meter.CreateCounter<long>("presence.feeds.encoded", "{message}", "States and diffs that were made for connections.");
        _sent = _meter.CreateCounter<long>("presence.feeds.sent", "{message}", "States and diffs that connections have taken.");
        _lagged = _meter.CreateCounter<long>(
            "presence.feeds.lagged", "{connection}", "How often a connection's queue was full, so that one diff led it to the present state.");
        _meter.CreateObservableGauge(
            "presence.feeds.queued.max", longestQueue, "{message}", "Messages of one topic that wait for the slowest connection.");
    }

    public void Published() => _diffs.Add(1);

    public void Encoded(FeedMessage message) => _encoded.Add(1, Kind(message));

    public void Sent(FeedMessage message) => _sent.Add(1, Kind(message));

    public void Lagged() => _lagged.Add(1);

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Kind(FeedMessage message) => new("kind", message.IsState ? "State" : "Diff");
}
