using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Updates that come faster than they are published.</summary>
public sealed class UpdateCoalescingTests
{
    private const string Room = "room:1";

    [Fact]
    public async Task Of_the_updates_within_an_interval_the_last_is_published()
    {
        const int Updates = 100;
        await using var app = await HubApp.StartAsync(configure: options => options.UpdateInterval = TimeSpan.FromMilliseconds(200));
        await using var alice = await HubClient.ConnectAsync(app);
        await using var room = await app.Tracker.SubscribeAsync(Room);
        await alice.JoinedAsync(Room, "alice", new { n = 0 });
        Assert.Equal(["alice"], (await room.NextAsync()).KeysJoined);
        for (var n = 1; n <= Updates; n++)
        {
            await alice.CallAsync("Update", Room, new { n });
        }

        Assert.InRange(await room.CountUntilAsync($$"""{"n":{{Updates}}}"""), 1, Updates / 2);
    }

    [Fact]
    public async Task What_equals_the_published_meta_when_its_time_has_come_tells_nobody()
    {
        await using var app = await HubApp.StartAsync(configure: options => options.UpdateInterval = TimeSpan.FromSeconds(1));
        await using var alice = await HubClient.ConnectAsync(app);
        await using var bob = await HubClient.ConnectAsync(app);
        await alice.JoinAsync(Room, "alice", new { n = 0 });
        await bob.JoinAsync(Room, "bob");
        await using var room = await app.Tracker.SubscribeAsync(Room);

        await alice.CallAsync("Update", Room, new { n = 1 });
        Assert.Equal("alice", (await room.NextEventAsync()).Presence.Key);
        await alice.CallAsync("Update", Room, new { n = 2 });
        await alice.CallAsync("Update", Room, new { n = 1 });

        // The second of bob's is published more than an interval after alice's time had come.
        for (var n = 1; n <= 3; n++)
        {
            await bob.CallAsync("Update", Room, new { n });
            var updated = (await room.NextEventAsync()).Presence;
            Assert.Equal(("bob", $$"""{"n":{{n}}}"""), (updated.Key, updated.Meta.ToString()));
        }
    }

    [Fact]
    public async Task A_leave_and_another_join_take_the_place_of_an_update_that_waits()
    {
        await using var app = await HubApp.StartAsync(configure: options => options.UpdateInterval = TimeSpan.FromSeconds(2));
        await using var alice = await HubClient.ConnectAsync(app);
        await using var room = await app.Tracker.SubscribeAsync(Room);
        await alice.JoinAsync(Room, "alice", new { n = 0 });
        await alice.CallAsync("Update", Room, new { n = 1 });
        await alice.CallAsync("Update", Room, new { n = 2 });
        await alice.CallAsync("Leave", Room);
        await alice.JoinAsync(Room, "alice", new { n = 3 });
        await alice.CallAsync("Update", Room, new { n = 4 });
        await alice.CallAsync("Update", Room, new { n = 5 });
        await alice.JoinAsync(Room, "alice", new { n = 6 });
        await alice.CallAsync("Update", Room, new { n = 7 });
        await alice.CallAsync("Update", Room, new { n = 8 });

        var metas = new List<int>();
        do
        {
            metas.Add((await room.NextEventAsync()).Presence.Meta.As<Numbered>()!.N);
        }
        while (metas[^1] != 8);

        Assert.Equal([0, 1, 1, 3, 4, 6, 7, 8], metas);
    }

    private sealed record Numbered(int N);
}
