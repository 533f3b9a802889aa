using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Host;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Sockets;

public sealed class SlowSocketClientTests
{
    private const string Room = "room:1";

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_nobody_and_is_led_to_the_present_state()
    {
        await using var node = await HostNode.StartAsync();
        using var swift = await SocketClient.ConnectAsync(node.Url);
        using var slow = await SocketClient.ConnectSlowAsync(node.Url);
        const string join = $$"""["1","1","{{Room}}","phx_join",{}]""";
        await slow.SendAsync(join);
        await swift.AskAsync(
            join, $$$"""["1","1","{{{Room}}}","phx_reply",{"status":"ok","response":{}}]""", $$$"""["1",null,"{{{Room}}}","presence_state",{}]""");

        // More than fits into every buffer on the way: the swift client takes each change before the next is made.
        var owner = Owner.Lease(TimeSpan.FromHours(1));
        var filler = new string('x', 3_900);
        var updates = 0;
        for (var bytes = 0L; bytes < 24_000_000; updates++)
        {
            await node.Tracker.TrackOrUpdateAsync(Room, "bob", owner, new { updates, filler });
            bytes += (await swift.ReadAsync())!.Length;
        }

        await node.Tracker.TrackAsync(Room, "last", owner);
        Assert.Contains("last", await swift.ReadAsync(), StringComparison.Ordinal);
        Assert.Contains("phx_reply", await slow.ReadAsync(), StringComparison.Ordinal);
        var fold = PresenceFold.Of(JsonNode.Parse((await slow.ReadRawAsync())!)![4]!.AsObject());
        var diffs = 0;
        for (; !fold.Refs.ContainsKey("last"); diffs++)
        {
            fold.Apply(JsonNode.Parse((await slow.ReadRawAsync())!)![4]!.AsObject());
        }

        Assert.InRange(diffs, 1, updates - 1);
        Assert.Equal(["bob", "last"], fold.Refs.Keys);
        Assert.Equal(node.Tracker.GetByKey(Room, "bob").Select(presence => presence.Ref), fold.Refs["bob"]);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_for_30_s_is_dropped_and_leaves()
    {
        var time = new FakeTimeProvider();
        await using var app = await HubApp.StartAsync(
            "presence.leave-grace = 0 s", add: services => services.AddSingleton<TimeProvider>(time));
        using var swift = await SocketClient.ConnectAsync(app.Url);
        using var slow = await SocketClient.ConnectSlowAsync(app.Url);
        await slow.SendAsync($$"""["1","1","{{Room}}","phx_join",{"key":"slow"}]""");
        await Expect.UntilAsync(() => app.Tracker.List(Room).Contains("slow"), "the slow client is listed");
        await swift.SendAsync($$"""["1","1","{{Room}}","phx_join",{}]""");
        Assert.Contains("phx_reply", await swift.ReadAsync(), StringComparison.Ordinal);
        Assert.Contains("presence_state", await swift.ReadAsync(), StringComparison.Ordinal);

        // More than fits into every buffer on the way, so that the server has begun to wait while the clock stood still.
        var owner = Owner.Lease(TimeSpan.FromHours(1));
        var filler = new string('x', 3_900);
        for (var bytes = 0L; bytes < 24_000_000;)
        {
            await app.Tracker.TrackOrUpdateAsync(Room, "bob", owner, new { bytes, filler });
            bytes += (await swift.ReadAsync())!.Length;
        }

        time.Advance(TimeSpan.FromSeconds(29));
        await app.Tracker.TrackAsync(Room, "eve", owner);
        Assert.Contains("\"eve\"", await swift.ReadAsync(), StringComparison.Ordinal);
        Assert.Contains("slow", app.Tracker.List(Room).Keys);
        time.Advance(TimeSpan.FromSeconds(1));

        await swift.ExpectAsync(
            $$$$$"""[null,null,"{{{{{Room}}}}}","presence_diff",{"joins":{},"leaves":{"slow":{"metas":[{"phx_ref":"*"}]}}}]""");
    }

    [Fact]
    public async Task A_client_that_says_nothing_for_60_s_is_dropped()
    {
        var time = new FakeTimeProvider();
        await using var app = await HubApp.StartAsync();
        await using var silent = MemoryWebSocket.Open(app, isVersion1: false, time);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(silent.Ended.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        await silent.Ended.InTime();
    }
}
