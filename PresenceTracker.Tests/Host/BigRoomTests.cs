using System.Diagnostics;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Host;

/// <summary>One room of one Host with 2,000 in it by connections to its hub, of whom 200 a second leave and join. By default a tenth of them.</summary>
[Collection(ProcessCollection.Name)]
public sealed class BigRoomTests(ITestOutputHelper output)
{
    private const int Megabyte = 1024 * 1024;
    private const int GrownMegabytesMax = 60;

    // Of what was alive before the room there is as much after it, but for this: code that ran for the first time, and buffers that are kept for the
    // next connections. Two thousand people are several times that.
    private const double KeptMegabytesMax = 8;
    private const int QueueDiffsMax = 1_024;

    private static readonly int Clients = LongTests.AreOn ? 2_000 : 200;
    private static readonly int JoinsPerSecond = Clients / 10;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(LongTests.AreOn ? 30 : 2);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(LongTests.AreOn ? 10 : 2);

    // The longest window, and as much again for a machine that is shared by them all.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>The default window for each connection; and none, only for comparison: then what changes while a diff is sent is the next one.</summary>
    public static TheoryData<string> Windows => LongTests.AreOn ? ["00:00:00.000250", "00:00:00"] : ["00:00:00.000250"];

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task A_big_room_in_which_many_come_and_go_keeps_no_queue_and_no_memory(string window)
    {
        using var folder = new HostFolder($$$$"""{"Presence":{"hub":{"DiffWindowPerConnection":"{{{{window}}}}"}}}""");
        await using var host = HostProcess.Launch(new HostProcessOptions(FreePorts.Take(), FreePorts.Take(), []) { Program = folder.Program });
        await host.ReadyAsync();
        var alive = await AliveAfterAsync(host, await BigRoom.OpenAsync(host.Url, Clients / 10, JoinsPerSecond / 10));
        var began = Stopwatch.GetTimestamp();
        await using var room = await BigRoom.OpenAsync(host.Url, Clients, JoinsPerSecond);
        var opened = Stopwatch.GetElapsedTime(began);
        await room.ChurnAsync(WarmUp);

        using var enough = new CancellationTokenSource();
        var (before, memory, busy) = (await FeedCounts.OfAsync(host), host.WorkingSetBytes(), host.ProcessorTime());
        var queues = LongestQueuesAsync(host, enough.Token);
        var waits = await room.ChurnAsync(Time);
        await enough.CancelAsync();
        var (feeds, grown) = (await FeedCounts.OfAsync(host) - before, (host.WorkingSetBytes() - memory) / Megabyte);
        busy = host.ProcessorTime() - busy;
        var (ofFeeds, ofSubscriptions, ofShards) = await queues;

        Figures.Print(
            output,
            $"a room of {Clients} hub connections, opened in {opened.TotalSeconds:F1} s, {waits.Joins / Time.TotalSeconds:F0} joins and leaves a second for {Time.TotalSeconds} s, " +
            $"window {window} per connection: from join to event {waits.Median.TotalMilliseconds:F0} ms at the median, {waits.Percentile99.TotalMilliseconds:F0} ms at the 99th percentile, " +
            $"{waits.Waits[^1].TotalMilliseconds:F0} ms at worst; {feeds}; longest queues: {ofFeeds} messages of a connection, {ofSubscriptions} diffs of the room, {ofShards} at a shard; " +
            $"{feeds.Lagged} connections fell behind; the Host was busy for {busy.TotalSeconds:F1} s, and had {memory / Megabyte} MB and {grown} MB more at the end");
        Assert.True(grown <= GrownMegabytesMax, $"{grown} MB more");
        Assert.InRange(ofSubscriptions, 0, QueueDiffsMax - 1);
        Assert.True(waits.Percentile99 <= Soon, $"the 99th percentile is {waits.Percentile99}");
        await Eventually.HoldsAsync("no queue when all is quiet", TimeSpan.FromSeconds(10), async () =>
            await QueuesAsync(host) is var rest && rest == (0, 0, 0) ? null : rest.ToString());

        var full = await host.LiveBytesAsync();
        var kept = await AliveAfterAsync(host, room) - alive;
        Figures.Print(
            output,
            $"of a room of {Clients} hub connections, {(full - alive) / Megabyte:F1} MB were alive on the heap of the Host, and {kept / Megabyte:F1} MB " +
            $"when all had left; {alive / Megabyte:F1} MB before");
        Assert.True(kept / Megabyte <= KeptMegabytesMax, $"{kept / Megabyte:F1} MB are kept of a room in which nobody is");
    }

    /// <returns>What is alive on the heap of the Host when all of the room have left and have closed their connections.</returns>
    private static async Task<double> AliveAfterAsync(HostProcess host, BigRoom room)
    {
        await room.LeaveAsync();
        await room.DisposeAsync();
        await Eventually.HoldsAsync("nobody in the room", TimeSpan.FromSeconds(30), async () =>
            await host.CountAsync(BigRoom.Room) is var count && count == (0, 0) ? null : count.ToString());
        return await host.LiveBytesAsync();
    }

    private static async Task<(double Feeds, double Subscriptions, double Shards)> QueuesAsync(HostProcess host) => (
        await host.MetricAsync("presence_feeds_queued_max"),
        await host.MetricAsync("presence_subscriptions_queued_max"),
        await host.MetricAsync("presence_shards_queued"));

    /// <summary>Looks at the queues again and again.</summary>
    private static async Task<(double Feeds, double Subscriptions, double Shards)> LongestQueuesAsync(HostProcess host, CancellationToken enough)
    {
        var (feeds, subscriptions, shards) = (0.0, 0.0, 0.0);
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        try
        {
            while (await often.WaitForNextTickAsync(enough))
            {
                var queues = await QueuesAsync(host);
                (feeds, subscriptions, shards) =
                    (Math.Max(feeds, queues.Feeds), Math.Max(subscriptions, queues.Subscriptions), Math.Max(shards, queues.Shards));
            }
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            // Seen enough.
        }

        return (feeds, subscriptions, shards);
    }
}
