using System.Text.Json.Nodes;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Host;
using PresenceTracker.Tests.Host.Processes;
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
}
