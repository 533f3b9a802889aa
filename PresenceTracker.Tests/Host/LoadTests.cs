using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using PresenceTracker.Tests.Cluster;
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

    [Fact]
    public async Task A_stream_that_nobody_reads_keeps_none_of_a_thousand_others_waiting()
    {
        await using var cluster = await HostCluster.StartAsync(1);
        var host = cluster.Hosts[0];
        using var deaf = await OpenUnreadAsync(host.Url);
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => EventStream.OpenAsync(host.Url, Room)));
        try
        {
            await SeenByAllAsync(host, streams, "warm-up");
            var before = host.WorkingSetBytes();
            var times = new List<TimeSpan>();
            for (var change = 0; change < 20; change++)
            {
                times.Add(await SeenByAllAsync(host, streams, $"user {change}"));
            }

            // More than the sockets of the deaf one can hold: it is resynchronised or dropped, and costs the others nothing.
            var meta = $$"""{"text":"{{new string('x', 3_000)}}"}""";
            for (var change = 0; change < 2_000; change++)
            {
                await host.PutAsync("room:2", $"user {change % 10}", meta: meta.Replace("x\"", $"{change}\"", StringComparison.Ordinal));
            }

            var afterwards = await SeenByAllAsync(host, streams, "the last");
            times.Sort();
            var grown = (host.WorkingSetBytes() - before) / (1024 * 1024);
            Figures.Print(
                output,
                $"{Streams} streams: the slowest saw a change after a median of {times[times.Count / 2].TotalMilliseconds:F0} ms, at worst {times[^1].TotalMilliseconds:F0} ms; " +
                $"with one that does not read {afterwards.TotalMilliseconds:F0} ms and {grown} MB more");
            Assert.True(times[times.Count / 2] <= TimeSpan.FromMilliseconds(100), $"the median is {times[times.Count / 2]}");
            Assert.True(grown <= 100, $"{grown} MB more");
        }
        finally
        {
            foreach (var stream in streams)
            {
                await stream.DisposeAsync();
            }
        }
    }

    /// <returns>From the request until the last stream was told.</returns>
    private static async Task<TimeSpan> SeenByAllAsync(HostProcess host, EventStream[] streams, string key)
    {
        var began = Stopwatch.GetTimestamp();
        await host.PutAsync(Room, key);
        var seen = await Task.WhenAll(streams.Select(stream => stream.JoinedAsync(key)));
        return Stopwatch.GetElapsedTime(began, seen.Max());
    }

    /// <summary>A stream of the second room, of which only the beginning is ever read.</summary>
    private static async Task<TcpClient> OpenUnreadAsync(Uri host)
    {
        var client = new TcpClient { ReceiveBufferSize = 4_096 };
        await client.ConnectAsync(host.Host, host.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /api/topics/room%3A2/events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await client.GetStream().ReadExactlyAsync(new byte[12]);
        return client;
    }
}
