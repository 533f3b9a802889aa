using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Actors;

/// <summary>A reader that fell behind asks for the present state, of a shard that crashes meanwhile.</summary>
public sealed class LaggingSubscriberTests() : VirtualTimeTest("presence.subscriber-queue = 1")
{
    private readonly Owner _owner = Owner.Connection("c1");

    [Fact]
    public async Task A_request_that_is_lost_in_a_crash_is_asked_again()
    {
        await using var subscription = await LaggingAsync();

        var reading = await AskWhileItCrashesAsync(subscription);

        Assert.Equal(["bob", "carol"], (await reading.InTime()).KeysJoined);
        await Tracker.TrackAsync(Room, "dave", _owner);
        Assert.Equal(["dave"], (await subscription.NextAsync()).KeysJoined);
    }

    [Fact]
    public async Task A_shard_that_stays_down_ends_the_subscription()
    {
        await using var subscription = await LaggingAsync();
        (await ActorAsync("shard-0")).Tell(Crash.Delivery);
        await SettleAsync();

        var reading = await AskWhileItCrashesAsync(subscription);

        var ended = await Assert.ThrowsAsync<ShardUnavailableException>(() => reading.InTime());
        Assert.Equal((0, true), (ended.Shard, ended.IsForGood));
    }

    [Fact]
    public async Task Who_has_just_subscribed_is_told_of_a_crash_at_once()
    {
        await Tracker.TrackAsync(Room, "alice", _owner);
        await SettleAsync();
        var (shard, ownerWatch) = await CrashAsync();

        var subscribed = Tracker.SubscribeAsync(Room);
        shard.Tell(Crash.Delivery);

        var failed = await Assert.ThrowsAsync<ShardUnavailableException>(() => subscribed.InTime());
        Assert.False(failed.IsForGood);
        ownerWatch.Resume(null);
    }

    /// <summary>A subscription whose queue holds the word that its reader lags, and nothing before that.</summary>
    private async Task<Subscription> LaggingAsync()
    {
        var subscription = await Tracker.SubscribeAsync(Room);
        foreach (var key in (string[])["alice", "bob", "carol"])
        {
            await Tracker.TrackAsync(Room, key, _owner);
        }

        await Expect.UntilAsync(() => subscription.Queued == 2, "the reader to lag", () => $"{subscription.Queued} queued");
        Assert.Equal(["alice"], (await subscription.NextAsync()).KeysJoined);
        return subscription;
    }

    /// <summary>The request waits in an epoch that is being rebuilt, which crashes before it has answered.</summary>
    private async Task<Task<TopicDiff>> AskWhileItCrashesAsync(Subscription subscription)
    {
        await SettleAsync();
        var (shard, ownerWatch) = await CrashAsync();
        var reading = subscription.NextAsync();
        shard.Tell(Crash.Delivery);
        ownerWatch.Resume(null);
        return reading;
    }

    /// <summary>The shard's next epoch gets nothing back before the owner watch goes on.</summary>
    private async Task<(IActorRef Shard, ActorRefWithCell OwnerWatch)> CrashAsync()
    {
        var shard = await ActorAsync("shard-0");
        var ownerWatch = (ActorRefWithCell)await ActorAsync("owner-watch");
        ownerWatch.Suspend();
        shard.Tell(Crash.Delivery);
        await Expect.UntilAsync(() => ownerWatch.Underlying.NumberOfMessages > 0, "the next epoch to ask for its presences");
        return (shard, ownerWatch);
    }
}
