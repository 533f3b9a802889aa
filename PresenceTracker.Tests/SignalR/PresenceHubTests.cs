using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

public sealed class PresenceHubTests : IAsyncLifetime
{
    private const string Room = "room:1";

    // Long enough that nothing leaves by it unless a test waits for that.
    private const string LongGrace = "presence.leave-grace = 1 h";

    private HubApp _a = null!;
    private HubApp _b = null!;

    public async Task InitializeAsync()
    {
        _a = await HubApp.StartAsync(LongGrace);
        _b = await HubApp.StartAsync(LongGrace, _a);
    }

    public async Task DisposeAsync()
    {
        await _b.DisposeAsync();
        await _a.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_joins_gets_the_state_and_then_each_change_on_any_node()
    {
        await using var alice = await HubClient.ConnectAsync(_a);
        var state = await alice.JoinedAsync(Room, "alice", new { device = "phone" });
        Assert.Equal(["alice"], state.Keys);
        await Expect.UntilAsync(() => _b.Tracker.List(Room).Contains("alice"), "alice is seen on the other node");

        await using var bob = await HubClient.ConnectAsync(_b);
        var first = (await bob.CallAsync("Join", Room, "bob", new { status = "here" })).GetString();
        Assert.Equal(["alice", "bob"], (await bob.NextAsync()).Keys);
        var joined = await alice.NextDiffAsync();
        Assert.Equal(
            $$$"""{"bob":{"metas":[{"status":"here","phx_ref":"{{{first}}}"}]}}""", joined.Data.GetProperty("joins").GetRawText());
        Assert.Equal("{}", joined.Data.GetProperty("leaves").GetRawText());

        var second = (await bob.CallAsync("Update", Room, new { status = "away" })).GetString();
        Assert.NotEqual(first, second);
        foreach (var client in new[] { alice, bob })
        {
            var updated = await client.NextDiffAsync();
            Assert.Equal(
                $$$"""{"bob":{"metas":[{"status":"away","phx_ref":"{{{second}}}","phx_ref_prev":"{{{first}}}"}]}}""",
                updated.Data.GetProperty("joins").GetRawText());
            Assert.Equal(
                $$$"""{"bob":{"metas":[{"status":"here","phx_ref":"{{{first}}}"}]}}""", updated.Data.GetProperty("leaves").GetRawText());
        }

        await bob.CallAsync("Leave", Room);
        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Leaves);
    }

    [Fact]
    public async Task Whoever_watches_is_told_of_a_topic_and_is_not_in_it()
    {
        await using var alice = await HubClient.ConnectAsync(_a);
        await alice.CallAsync("Watch", Room);
        Assert.Empty((await alice.NextAsync()).Keys);
        await using var bob = await HubClient.ConnectAsync(_a);
        Assert.Equal(["bob"], (await bob.JoinedAsync(Room, "bob")).Keys);
        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Joins);
        var refused = await Assert.ThrowsAsync<HubException>(() => alice.CallAsync("Update", Room, new { n = 1 }));
        Assert.Contains("is not present", refused.Message, StringComparison.Ordinal);

        await bob.CallAsync("Watch", Room);
        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Leaves);
        await alice.CallAsync("Leave", Room);
        Assert.Empty(_a.Tracker.List(Room));
    }

    [Fact]
    public async Task Who_has_left_is_told_nothing_more()
    {
        await using var alice = await HubClient.ConnectAsync(_a);
        await alice.JoinedAsync(Room, "alice");
        await alice.CallAsync("Leave", Room);
        await _a.Tracker.TrackAsync(Room, "bob", Owner.Lease(TimeSpan.FromHours(1)));

        // The next message there is belongs to another room.
        await alice.JoinedAsync("room:2", "alice");
        Assert.Equal(["bob"], _a.Tracker.List(Room).Keys);
    }

    [Fact]
    public async Task Amid_many_changes_nothing_is_missing_and_nothing_told_twice()
    {
        var owner = Owner.Lease(TimeSpan.FromHours(1));
        using var enough = new CancellationTokenSource();
        var changes = Task.Run(async () =>
        {
            for (var n = 0; !enough.IsCancellationRequested; n++)
            {
                await _b.Tracker.TrackOrUpdateAsync(Room, $"user{n % 20}", owner, new { n });
                await _b.Tracker.UntrackAsync(Room, $"user{(n + 10) % 20}", owner);
            }
        });
        await Expect.UntilAsync(() => _a.Tracker.Count(Room).Keys > 0, "changes arrive");

        await using var alice = await HubClient.ConnectAsync(_a);
        await alice.JoinAsync(Room, "alice");
        var fold = new HubFold();
        while (fold.Diffs < 200)
        {
            fold.Apply(await alice.NextAsync());
        }

        await enough.CancelAsync();
        await changes;
        await _b.Tracker.TrackAsync(Room, "last", owner);
        while (!fold.Lists("last"))
        {
            fold.Apply(await alice.NextAsync());
        }

        fold.AssertEqualTo(_a.Tracker.List(Room));
    }

    [Fact]
    public async Task Joining_again_sends_the_state_again_and_then_each_change_once()
    {
        await using var alice = await HubClient.ConnectAsync(_a);
        await alice.JoinedAsync(Room, "alice", new { status = "here" });
        await alice.JoinAsync(Room, "alice", new { status = "away" });

        // The old feed may have told of the update before the new one took its place.
        var again = await alice.NextAsync();
        if (again.Name == HubMessage.Diff)
        {
            again = await alice.NextAsync();
        }

        var meta = Assert.Single(again.Data.GetProperty("alice").GetProperty("metas").EnumerateArray());
        Assert.Equal("away", meta.GetProperty("status").GetString());
        await _b.Tracker.TrackAsync(Room, "bob", Owner.Lease(TimeSpan.FromHours(1)));
        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Joins);
        await _b.Tracker.TrackAsync(Room, "carol", Owner.Lease(TimeSpan.FromHours(1)));
        Assert.Equal(["carol"], (await alice.NextDiffAsync()).Joins);
    }

    [Fact]
    public async Task A_connection_that_breaks_and_comes_back_on_another_node_never_leaves()
    {
        await using var observer = await HubClient.ConnectAsync(_a);
        await observer.JoinedAsync(Room, "observer");
        var alice = await HubClient.ConnectAsync(_a);
        var first = await alice.JoinAsync(Room, "alice");
        Assert.Equal([("alice", first)], (await observer.NextDiffAsync()).JoinedRefs);

        await alice.DisposeAsync();
        await using var again = await HubClient.ConnectAsync(_b);
        var second = await again.JoinAsync(Room, "alice");

        List<(string Key, string Ref)> joined = [];
        List<(string Key, string Ref)> left = [];
        while (left.Count == 0)
        {
            var diff = await observer.NextDiffAsync();
            joined.AddRange(diff.JoinedRefs);
            Assert.NotEmpty(joined);
            left.AddRange(diff.LeftRefs);
        }

        Assert.Equal([("alice", second)], joined);
        Assert.Equal([("alice", first)], left);
        Assert.Equal(["alice", "observer"], _a.Tracker.List(Room).Keys);
    }

    [Fact]
    public async Task A_connection_that_breaks_and_stays_away_leaves_after_its_grace()
    {
        await using var app = await HubApp.StartAsync("presence.leave-grace = 200 ms", _a);
        await using var subscription = await _a.Tracker.SubscribeAsync(Room);
        var alice = await HubClient.ConnectAsync(app);
        await alice.JoinAsync(Room, "alice");
        Assert.Equal(["alice"], (await subscription.NextAsync()).KeysJoined);

        await alice.DisposeAsync();

        Assert.Equal(PresenceTracker.Protocol.Presences.LeaveReason.ConnectionLost, (await subscription.NextEventAsync()).Reason);
    }

    [Fact]
    public async Task A_list_needs_no_join()
    {
        var tracked = await _a.Tracker.TrackAsync(Room, "bob", Owner.Lease(TimeSpan.FromHours(1)), new { n = 1 });
        await using var alice = await HubClient.ConnectAsync(_a);

        var listed = await alice.CallAsync("List", Room);
        Assert.Equal($$$"""{"bob":{"metas":[{"n":1,"phx_ref":"{{{tracked.Ref}}}"}]}}""", listed.GetRawText());
        Assert.Equal("{}", (await alice.CallAsync("List", "room:2")).GetRawText());
        await Assert.ThrowsAsync<HubException>(() => alice.CallAsync("List", [null]));
    }

    [Theory]
    [InlineData("topic: 0 bytes is not allowed", "Join", "", "alice", null)]
    [InlineData("topic: 513 bytes is not allowed", "Join", "TOO LONG", "alice", null)]
    [InlineData("key: 0 bytes is not allowed", "Join", Room, "", null)]
    [InlineData("'topic'", "Join", null, "alice", null)]
    [InlineData("'key'", "Join", Room, null, null)]
    [InlineData("a JSON object, not Number", "Join", Room, "alice", 1)]
    [InlineData("has not joined room:1", "Update", Room, null)]
    [InlineData("has not joined room:1", "Leave", Room)]
    public async Task What_cannot_be_is_refused_with_the_reason(string reason, string method, params object?[] arguments)
    {
        await using var alice = await HubClient.ConnectAsync(_a);
        object?[] sent = [.. arguments.Select(argument => argument is "TOO LONG" ? new string('t', 513) : argument)];

        var refused = await Assert.ThrowsAsync<HubException>(() => alice.CallAsync(method, sent));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Empty(_a.Tracker.List(Room));
    }

    [Fact]
    public async Task A_meta_with_reserved_or_double_members_or_beyond_the_limit_is_refused()
    {
        await using var alice = await HubClient.ConnectAsync(_a);
        await alice.JoinedAsync(Room, "alice", new { n = 1 });

        object[] metas = [new { phx_ref = "mine" }, JsonDocument.Parse("""{"n":1,"n":2}""").RootElement, new { text = new string('x', 5_000) }];
        foreach (var meta in metas)
        {
            await Assert.ThrowsAsync<HubException>(() => alice.CallAsync("Update", Room, meta));
        }

        Assert.Equal("""{"n":1}""", Assert.Single(_a.Tracker.List(Room)).Meta.ToString());
    }

    [Fact]
    public async Task A_connection_has_one_key_in_a_topic_and_a_limited_number_of_topics()
    {
        await using var alice = await HubClient.ConnectAsync(_a);
        await alice.JoinedAsync(Room, "alice");
        var other = await Assert.ThrowsAsync<HubException>(() => alice.JoinAsync(Room, "bob"));
        Assert.Contains("is in room:1 as alice", other.Message, StringComparison.Ordinal);

        for (var n = 2; n <= HubApp.TopicsMax; n++)
        {
            await alice.JoinedAsync($"room:{n}", "alice");
        }

        var more = await Assert.ThrowsAsync<HubException>(() => alice.JoinAsync("room:more", "alice"));
        Assert.Contains("topics of a connection: 4 is not allowed, at most 3 is", more.Message, StringComparison.Ordinal);
        Assert.Empty(_a.Tracker.List("room:more"));

        await alice.CallAsync("Leave", "room:2");
        await alice.JoinedAsync("room:more", "alice");
    }

    [Fact]
    public async Task A_stop_of_the_server_ends_its_connections_at_once()
    {
        await using var app = await HubApp.StartAsync(LongGrace, _a);
        await using var alice = await HubClient.ConnectAsync(app);
        await alice.JoinedAsync(Room, "alice");

        var stopping = app.StopAsync();

        await alice.ClosedAsync();
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_tracker_that_stopped_ends_the_connections_that_follow_it()
    {
        await using var app = await HubApp.StartAsync(LongGrace, _a);
        await using var alice = await HubClient.ConnectAsync(app);
        await alice.JoinedAsync(Room, "alice");

        await app.Tracker.LeaveAsync();

        await alice.ClosedAsync();
        Assert.Equal(TrackStatus.Tracked, (await _a.Tracker.TrackAsync(Room, "bob", Owner.Connection("c"))).Status);
    }
}
