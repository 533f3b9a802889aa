using System.Net.WebSockets;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Actors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Tests.Actors;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Sockets;

/// <summary>Clients of the socket are told by the same feeds as those of hubs, and publish through the same interval.</summary>
public sealed class SocketFeedTests
{
    [Theory]
    [InlineData("room:1", "presence_update", "{\"meta\":META}")]
    [InlineData("realtime:1", "presence", "{\"type\":\"presence\",\"event\":\"track\",\"payload\":META}")]
    public async Task Of_the_updates_within_an_interval_the_last_is_published(string topic, string name, string payload)
    {
        const int Updates = 100;
        await using var app = await HubApp.StartAsync(configure: options => options.UpdateInterval = TimeSpan.FromMilliseconds(200));
        await using var room = await app.Tracker.SubscribeAsync(topic);
        using var client = await SocketClient.ConnectAsync(app.Url);
        await client.SendAsync($$$$"""["1","1","{{{{topic}}}}","phx_join",{"key":"ann","config":{"presence":{"key":"ann"}}}]""");
        for (var n = 0; n <= Updates; n++)
        {
            var update = payload.Replace("META", $$"""{"n":{{n}}}""", StringComparison.Ordinal);
            await client.SendAsync($"""["1","u{n}","{topic}","{name}",{update}]""");
        }

        Assert.All(await client.ReadRepliesAsync(2 + Updates), reply => Assert.Contains("\"status\":\"ok\"", reply, StringComparison.Ordinal));
        Assert.InRange(await room.CountUntilAsync($$"""{"n":{{Updates}}}"""), 1, Updates / 2);
    }

    [Fact]
    public async Task When_the_shard_of_a_topic_stays_down_its_clients_are_to_come_back_and_the_others_stay()
    {
        const int Shards = 2;
        await using var app = await HubApp.StartAsync($"presence.shards = {Shards}");
        var topics = Enumerable.Range(0, 100).Select(i => $"room:{i}").ToLookup(topic => StableHash.ShardOf(topic, Shards));
        using var ann = await JoinedAsync(app, topics[0].First());
        using var bob = await JoinedAsync(app, topics[1].First());
        var shard = await app.Services.GetRequiredService<PresenceNode>().System
            .ActorSelection($"/user/{PresenceSupervisor.Name}/shard-0").ResolveOne(Expect.Patience);
        for (var crash = 0; crash < 3; crash++)
        {
            shard.Tell(Crash.Delivery);
        }

        while (await ann.ReadAsync() is not null)
        {
            // Crashes after which the shard comes back may be told as diffs.
        }

        Assert.Equal(((WebSocketCloseStatus)1012, "what changes cannot be told here any more"), (ann.CloseStatus, ann.CloseReason));
        await bob.AskAsync(
            """[null,"9","phoenix","heartbeat",{}]""", """[null,"9","phoenix","phx_reply",{"status":"ok","response":{}}]""");
        using var late = await SocketClient.ConnectAsync(app.Url);
        await late.SendAsync($$"""["1","1","{{topics[0].First()}}","phx_join",{"key":"late"}]""");
        Assert.Contains("\"status\":\"error\"", await late.ReadAsync(), StringComparison.Ordinal);

        static async Task<SocketClient> JoinedAsync(HubApp app, string topic)
        {
            var client = await SocketClient.ConnectAsync(app.Url);
            await client.AskAsync(
                $$"""["1","1","{{topic}}","phx_join",{"key":"ann"}]""",
                $$$"""["1","1","{{{topic}}}","phx_reply",{"status":"ok","response":{}}]""",
                $$$$"""["1",null,"{{{{topic}}}}","presence_state",{"ann":{"metas":[{"phx_ref":"*"}]}}]""");
            return client;
        }
    }

    [Fact]
    public async Task What_comes_and_goes_within_the_window_of_a_room_is_not_sent()
    {
        await using var app = await HubApp.StartAsync(configure: options =>
            (options.DiffWindowPerConnection, options.DiffWindowMax) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)));
        using var client = await SocketClient.ConnectAsync(app.Url);
        await client.AskAsync(
            """["1","1","room:1","phx_join",{}]""",
            """["1","1","room:1","phx_reply",{"status":"ok","response":{}}]""",
            """["1",null,"room:1","presence_state",{}]""");
        await app.Tracker.TrackAsync("room:1", "first", Owner.Lease(TimeSpan.FromHours(1)));
        await client.ExpectAsync(Joined("first"));

        await app.Tracker.TrackAsync("room:1", "brief", Owner.Lease(TimeSpan.FromHours(1)));
        await app.Tracker.UntrackAsync("room:1", "brief", Owner.Lease(TimeSpan.FromHours(1)));
        await app.Tracker.TrackAsync("room:1", "second", Owner.Lease(TimeSpan.FromHours(1)));

        await client.ExpectAsync(Joined("second"));
    }

    [Fact]
    public async Task A_diff_is_encoded_once_for_all_sockets_of_a_version()
    {
        const int SocketsOfEach = 20;
        await using var app = await HubApp.StartAsync();
        var sockets = new List<MemoryWebSocket>();
        try
        {
            for (var n = 0; n < SocketsOfEach; n++)
            {
                sockets.Add(MemoryWebSocket.Open(app, isVersion1: false));
                sockets.Add(MemoryWebSocket.Open(app, isVersion1: true));
            }

            foreach (var socket in sockets)
            {
                socket.Receive(socket.IsVersion1
                    ? """{"topic":"room:1","event":"phx_join","payload":{},"ref":"1"}"""
                    : """["1","1","room:1","phx_join",{}]""");
                Assert.Contains("phx_reply", (await socket.SentAsync()).Text, StringComparison.Ordinal);
                Assert.Contains("presence_state", (await socket.SentAsync()).Text, StringComparison.Ordinal);
            }

            await app.Tracker.TrackAsync("room:1", "bob", Owner.Lease(TimeSpan.FromHours(1)));
            var buffers = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
            foreach (var socket in sockets)
            {
                var (text, buffer) = await socket.SentAsync();
                Assert.Contains("bob", text, StringComparison.Ordinal);
                buffers.Add(buffer);
            }

            Assert.Equal(2, buffers.Count);
        }
        finally
        {
            foreach (var socket in sockets)
            {
                await socket.DisposeAsync();
            }
        }
    }

    private static string Joined(string key) =>
        $$$$$"""[null,null,"room:1","presence_diff",{"joins":{"{{{{{key}}}}}":{"metas":[{"phx_ref":"*"}]}},"leaves":{}}]""";
}
