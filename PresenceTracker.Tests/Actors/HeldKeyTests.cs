using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Actors;

/// <summary>What readers of a key hear while its presence is held, and when a shard crashes.</summary>
public sealed class HeldKeyTests : VirtualTimeTest
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly Owner _before = Owner.Connection("before the reload");
    private readonly Owner _after = Owner.Connection("after the reload");

    [Fact]
    public async Task A_key_that_comes_back_within_the_grace_has_not_been_away()
    {
        await using var friends = await Tracker.SubscribeKeysAsync(["alice", "bob"]);
        await Tracker.TrackAsync(Room, "alice", _before);
        Assert.Equal(["alice"], (await friends.NextAsync()).CameOnline);
        await using var room = await Tracker.SubscribeAsync(Room);

        Tracker.ConnectionLost("before the reload");
        await AdvanceAsync(Grace - TimeSpan.FromTicks(1));
        await Tracker.TrackAsync(Room, "alice", _after);
        await AdvanceAsync(2 * Grace);
        await Tracker.TrackAsync(Room, "bob", _after);

        // The next that friends hear of is somebody else, and in the room it is the presence that has changed, not who is there.
        Assert.Equal(["bob"], (await friends.NextAsync()).CameOnline);
        TopicDiff diff;
        do
        {
            diff = await room.NextAsync();
            Assert.DoesNotContain("alice", diff.KeysJoined.Concat(diff.KeysLeft));
        }
        while (!diff.After.Contains("bob"));
    }

    [Fact]
    public async Task A_key_goes_offline_once_when_its_grace_is_over()
    {
        await Tracker.TrackAsync(Room, "alice", _before);
        await Tracker.TrackAsync("room:2", "alice", _before);
        await using var friends = await Tracker.SubscribeKeysAsync(["alice", "bob"]);

        Tracker.ConnectionLost("before the reload");
        await AdvanceAsync(Grace - TimeSpan.FromTicks(1));
        await Tracker.TrackAsync(Room, "bob", _after);
        Assert.Equal(["bob"], (await friends.NextAsync()).CameOnline);
        await AdvanceAsync(TimeSpan.FromTicks(1));

        Assert.Equal(["alice"], (await friends.NextAsync()).WentOffline);
    }

    [Fact]
    public async Task A_crash_of_a_shard_is_no_event_of_its_keys()
    {
        await Tracker.TrackAsync(Room, "alice", _before);
        await using var friends = await Tracker.SubscribeKeysAsync(["alice", "bob"]);

        (await ActorAsync("shard-0")).Tell(Crash.Delivery);
        await Tracker.TrackAsync(Room, "bob", _after);

        Assert.Equal(["bob"], (await friends.NextAsync()).CameOnline);
    }

    [Fact]
    public async Task A_shard_that_stays_down_ends_the_subscriptions_of_keys()
    {
        await using var friends = await Tracker.SubscribeKeysAsync(["alice"]);
        var shard = await ActorAsync("shard-0");
        for (var i = 0; i < 3; i++)
        {
            shard.Tell(Crash.Delivery);
        }

        var ended = await Assert.ThrowsAsync<ShardUnavailableException>(() => friends.NextAsync().InTime());
        var refused = await Assert.ThrowsAsync<ShardUnavailableException>(() => Tracker.SubscribeKeysAsync(["alice"]).InTime());
        Assert.Equal((true, true), (ended.IsForGood, refused.IsForGood));
    }
}
