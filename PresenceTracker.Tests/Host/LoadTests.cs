using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Host;

/// <summary>Many presences and many streams at one Host.</summary>
[Collection(ProcessCollection.Name)]
public sealed class LoadTests(ITestOutputHelper output)
{
    private const int Presences = 100_000;
    private const int PresencesPerTopic = 100;
    private const int Streams = 1_000;
    private const string Room = "room:1";
    private const int Burst = 25;
    private const int Megabyte = 1024 * 1024;

    // A change is some 6 KB for each stream. Two streams that do not read fill the buffers of their sockets and then their queues; without a
    // bound the rest of the flood would be kept for them, some 10 KB a change.
    private const int FloodStreams = 5;
    private const int FloodChanges = 12_000;
    private const int QueueDiffsMax = 1_024;
    private const int ShortQueueDiffsMax = 64;
    private const int GrownMegabytesMax = 60;

    private static readonly TimeSpan Prompt = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_hundred_thousand_presences_are_posted_in_5_s_and_a_newcomer_is_not_ready_before_it_has_them()
    {
        await using var cluster = await HostCluster.StartAsync(3);
        var lines = new StringBuilder();
        for (var number = 0; number < Presences; number++)
        {
            lines.Append($$$"""{"topic":"room:{{{number / PresencesPerTopic}}}","key":"user {{{number}}}","meta":{"n":{{{number}}}}}""").Append('\n');
        }

        using var body = new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson");
        var began = Stopwatch.GetTimestamp();
        using var response = await cluster.Hosts[0].Http.PostAsync("api/presences?lease=10m", body);
        var posted = Stopwatch.GetElapsedTime(began);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal(Presences, answer!["tracked"]!.GetValue<int>());
        Assert.Equal(0, answer["failed"]!.GetValue<int>());

        var joiner = cluster.Add();
        var joined = await joiner.ReadyAsync();
        var missing = new List<string>();
        for (var topic = 0; topic < Presences / PresencesPerTopic; topic++)
        {
            if (await joiner.CountAsync($"room:{topic}") != (PresencesPerTopic, PresencesPerTopic))
            {
                missing.Add($"room:{topic}");
            }
        }

        Figures.Print(output, $"{Presences} presences posted in {posted.TotalSeconds:F2} s; a fourth Host was ready {joined.TotalSeconds:F2} s after its start with all of them");
        Assert.Empty(missing);
        Assert.True(posted <= TimeSpan.FromSeconds(5), $"it took {posted}");
    }

    /// <summary>
    /// Of two streams in the room that read nothing, one reads on after the flood and is resynchronised. When the other is dropped, which takes
    /// half a minute, <see cref="UnreadEventStreamTests"/> tells.
    /// </summary>
    [Fact]
    public async Task Streams_that_nobody_reads_cost_others_no_time_and_the_Host_no_memory_however_much_happens()
    {
        await using var cluster = await HostCluster.StartAsync(1);
        var host = cluster.Hosts[0];
        using var deaf = await UnreadEventStream.OpenAsync(host.Url, Room);
        using var silent = await UnreadEventStream.OpenAsync(host.Url, Room);
        List<TimeSpan> during;
        long grown;
        await using (var few = await EventStreams.OpenAsync(host.Url, Room, FloodStreams))
        {
            await FloodAsync(host, few, 0, FloodChanges / 10);
            var before = host.WorkingSetBytes();
            during = await FloodAsync(host, few, FloodChanges / 10, FloodChanges);
            grown = (host.WorkingSetBytes() - before) / Megabyte;
        }

        Assert.Equal(2, await host.MetricAsync("presence_subscriptions_lagged_total"));
        Assert.Equal(QueueDiffsMax, await host.MetricAsync("presence_subscriptions_queued_max"));
        var diffs = await ResynchronisedAsync(host, deaf);
        Assert.InRange(diffs, QueueDiffsMax, FloodChanges / 2);
        Figures.Print(
            output,
            $"the slowest of {FloodStreams} streams, beside two that do not read, saw a change after {Spread(during)} in a flood of {FloodChanges}, and {grown} MB more");
        Assert.True(Median(during) <= Prompt, $"in the flood the median is {Median(during)}");
        Assert.True(grown <= GrownMegabytesMax, $"{grown} MB more");
    }

    /// <summary>With a short queue, so that a few changes to a thousand streams fill it.</summary>
    [Fact]
    public async Task A_stream_that_nobody_reads_keeps_none_of_a_thousand_others_in_its_room_waiting()
    {
        using var folder = new HostFolder("{}");
        await File.WriteAllTextAsync(folder.PathOf("node.conf"), $"presence.subscriber-queue = {ShortQueueDiffsMax}");
        await using var cluster = await HostCluster.StartAsync(1, "--config", folder.PathOf("node.conf"));
        var host = cluster.Hosts[0];
        using var deaf = await UnreadEventStream.OpenAsync(host.Url, Room);
        await using var streams = await EventStreams.OpenAsync(host.Url, Room, Streams);
        await FloodAsync(host, streams, 0, Burst);
        var before = host.WorkingSetBytes();
        var changes = Burst;
        while (await host.MetricAsync("presence_subscriptions_lagged_total") == 0)
        {
            Assert.True(changes < FloodChanges, $"after {changes} changes nobody lags");
            await FloodAsync(host, streams, changes, Burst);
            changes += Burst;
        }

        var after = new List<TimeSpan>();
        for (var change = 0; change < 20; change++)
        {
            after.Add(await streams.SeenByAllAsync(host, Room, $"after {change}"));
        }

        var grown = (host.WorkingSetBytes() - before) / Megabyte;
        Figures.Print(
            output,
            $"beside a stream that lags for ever, since {changes} changes, the slowest of {Streams} saw a change after {Spread(after)}, with {grown} MB more");
        Assert.Equal(1, await host.MetricAsync("presence_subscriptions_lagged_total"));
        Assert.Equal(ShortQueueDiffsMax, await host.MetricAsync("presence_subscriptions_queued_max"));
        Assert.True(after.Max() <= Prompt, $"the slowest change took {after.Max()}");
        Assert.True(grown <= GrownMegabytesMax, $"{grown} MB more");

        // Each burst ends with a change of its own. What happened while it lagged came in one diff.
        var published = changes + (changes / Burst) + after.Count;
        Assert.InRange(await ResynchronisedAsync(host, deaf), ShortQueueDiffsMax, published - 1);
    }

    /// <returns>By how many diffs.</returns>
    private static async Task<int> ResynchronisedAsync(HostProcess host, UnreadEventStream deaf)
    {
        await using var again = deaf.Read();
        var list = Text(await host.ListAsync(Room));
        await Eventually.HoldsAsync("who reads again lists what the Host does", TimeSpan.FromSeconds(20), () =>
            Task.FromResult(Text(again.Refs) == list ? null : Text(again.Refs)));
        return again.TakeAll().Count;
    }

    /// <summary>Updates large metas, in bursts, each followed by a change that is waited for.</summary>
    /// <returns>From the request of that change until the last stream was told of it.</returns>
    private static async Task<List<TimeSpan>> FloodAsync(HostProcess host, EventStreams streams, int from, int changes)
    {
        var filler = new string('x', 3_000);
        var times = new List<TimeSpan>();
        for (var change = from; change < from + changes; change++)
        {
            await host.PutAsync(Room, $"user {change % 10}", lease: "10m", meta: $$"""{"n":{{change}},"text":"{{filler}}"}""");
            if (change % Burst == Burst - 1)
            {
                times.Add(await streams.SeenByAllAsync(host, Room, $"after change {change}"));
            }
        }

        return times;
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static string Spread(List<TimeSpan> times) =>
        $"a median of {Median(times).TotalMilliseconds:F0} ms and at worst {times.Max().TotalMilliseconds:F0} ms";

    private static string Text(SortedDictionary<string, string[]> refs) => string.Join("; ", refs.Select(entry => $"{entry.Key}: {string.Join(' ', entry.Value)}"));
}
