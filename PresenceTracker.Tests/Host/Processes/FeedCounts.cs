namespace PresenceTracker.Tests.Host.Processes;

/// <summary>What the feeds of a Host have counted.</summary>
/// <param name="Diffs">Each of all that changed within a window.</param>
/// <param name="Lagged">How often a connection's queue was full.</param>
internal sealed record FeedCounts(double Diffs, double EncodedDiffs, double EncodedStates, double SentDiffs, double SentStates, double Lagged)
{
    public static async Task<FeedCounts> OfAsync(HostProcess host) => new(
        await host.MetricAsync("presence_feeds_diffs_total"),
        await host.MetricAsync("presence_feeds_encoded_total", "kind=\"Diff\""),
        await host.MetricAsync("presence_feeds_encoded_total", "kind=\"State\""),
        await host.MetricAsync("presence_feeds_sent_total", "kind=\"Diff\""),
        await host.MetricAsync("presence_feeds_sent_total", "kind=\"State\""),
        await host.MetricAsync("presence_feeds_lagged_total"));

    public static FeedCounts operator -(FeedCounts after, FeedCounts before) => new(
        after.Diffs - before.Diffs, after.EncodedDiffs - before.EncodedDiffs, after.EncodedStates - before.EncodedStates,
        after.SentDiffs - before.SentDiffs, after.SentStates - before.SentStates, after.Lagged - before.Lagged);

    public override string ToString() =>
        $"{Diffs} diffs, for each of which {EncodedDiffs / Diffs:F2} messages were encoded and {SentDiffs / Diffs:F0} sent, and {EncodedStates} states for {SentStates} who joined";
}
