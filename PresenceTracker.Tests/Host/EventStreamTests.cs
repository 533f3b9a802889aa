using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using PresenceTracker.Tests.Host.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Host;

public sealed class EventStreamTests(ITestOutputHelper output)
{
    private const string Topic = "room:1";

    [Fact]
    public async Task The_state_and_every_diff_after_it_fold_to_the_list()
    {
        await using var node = await HostNode.StartAsync();
        await node.PutAsync(Topic, "alice", """{"n":0}""");
        await using var events = await node.WatchAsync(Topic);
        var folded = PresenceFold.Of(await events.NextAsync("presence_state"));

        await node.PutAsync(Topic, "alice", """{"n":1}""");
        await node.PutAsync(Topic, "alice", query: "?owner=desk");
        await node.PutAsync(Topic, "bob");
        await node.Http.DeleteAsync(HostNode.PathOf(Topic, "alice", ""));

        for (var i = 0; i < 4; i++)
        {
            folded.Apply(await events.NextAsync("presence_diff"));
        }

        Assert.Equal(PresenceFold.RefsOf((await node.GetAsync(HostNode.PathOf(Topic, "presences"))).AsObject()), folded.Refs);
        Assert.Equal(2, folded.Refs.Count);
    }

    [Fact]
    public async Task An_update_is_one_diff_that_names_the_ref_before()
    {
        await using var node = await HostNode.StartAsync();
        var first = await node.PutAsync(Topic, "alice", """{"n":0}""");
        await using var events = await node.WatchAsync(Topic);
        await events.NextAsync("presence_state");

        var second = await node.PutAsync(Topic, "alice", """{"n":1}""");

        Assert.Equal(
            $$$$"""{"joins":{"alice":{"metas":[{"n":1,"phx_ref":"{{{{second}}}}","phx_ref_prev":"{{{{first}}}}"}]}},"leaves":{"alice":{"metas":[{"n":0,"phx_ref":"{{{{first}}}}"}]}}}""",
            (await events.NextAsync("presence_diff")).ToJsonString());
    }

    [Fact]
    public async Task Who_comes_back_gets_the_state()
    {
        await using var node = await HostNode.StartAsync();
        await node.PutAsync(Topic, "alice");

        await using var events = await EventReader.OpenAsync(node.Http, HostNode.PathOf(Topic, "events?nodes=true"), lastEventId: "1");

        var meta = (await events.NextAsync("presence_state"))["alice"]!["metas"]![0]!;
        Assert.Equal(node.Tracker.Self.Address, (string)meta["phx_node"]!);
    }

    [Fact]
    public async Task When_the_node_stops_its_streams_end_and_its_leases_are_gone_elsewhere_at_once()
    {
        await using var other = await HostNode.StartAsync();
        await using var node = await HostNode.StartAsync("--seeds", other.Tracker.Self.Address);
        await using var elsewhere = await other.WatchAsync(Topic);
        await elsewhere.NextAsync("presence_state");
        await using var events = await node.WatchAsync(Topic);
        await events.NextAsync("presence_state");
        await node.PutAsync(Topic, "alice");
        Assert.NotNull((await elsewhere.NextAsync("presence_diff"))["joins"]!["alice"]);
        Assert.NotNull((await events.NextAsync("presence_diff"))["joins"]!["alice"]);

        var stopped = node.StopAsync();

        Assert.NotNull((await elsewhere.NextAsync("presence_diff").WaitAsync(TimeSpan.FromSeconds(1)))["leaves"]!["alice"]);
        Assert.Null(await events.NextAsync());
        await stopped.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, other.Tracker.Count(Topic).Metas);
    }

    [Fact]
    public async Task A_thousand_streams_see_a_change_although_one_does_not_read()
    {
        const int Streams = 1_000;
        await using var node = await HostNode.StartAsync();
        using var idle = new TcpClient { ReceiveBufferSize = 1_024 };
        await idle.ConnectAsync(node.Url.Host, node.Url.Port);
        await idle.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {HostNode.PathOf(Topic, "events")} HTTP/1.1\r\nHost: {node.Url.Authority}\r\n\r\n"));
        var readers = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => node.WatchAsync(Topic)));
        await Task.WhenAll(readers.Select(reader => reader.NextAsync("presence_state")));

        var began = Stopwatch.GetTimestamp();
        await node.PutAsync(Topic, "alice");

        var diffs = await Task.WhenAll(readers.Select(reader => reader.NextAsync("presence_diff")));
        output.WriteLine($"[figure] the last of {Streams} streams saw a change after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        Assert.All(diffs, diff => Assert.NotNull(diff["joins"]!["alice"]));
        await Task.WhenAll(readers.Select(reader => reader.DisposeAsync().AsTask()));
    }
}
