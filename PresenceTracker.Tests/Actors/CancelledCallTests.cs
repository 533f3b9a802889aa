using Akka.Actor;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Actors;

/// <summary>A cancelled call is no longer waited for, but its command is in the mailbox of the shard.</summary>
public sealed class CancelledCallTests : VirtualTimeTest
{
    private readonly Owner _owner = Owner.Connection("c1");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_cancelled_call_has_yet_to_track_ends_with_its_connection(bool isBehindCrash)
    {
        await using var subscription = await Tracker.SubscribeAsync(Room);
        var shard = (IInternalActorRef)await ActorAsync("shard-0");

        await CancelledAsync(shard, isBehindCrash);
        Tracker.ConnectionLost("c1");
        shard.Resume();

        await JoinsAndLeavesAsync(subscription);
        await SettleAsync();
        Assert.Empty(Tracker.List(Room));
        Assert.Equal(0, await Tracker.UntrackAsync(_owner).InTime());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_cancelled_call_has_yet_to_track_ends_with_all_of_its_owner(bool isBehindCrash)
    {
        await using var subscription = await Tracker.SubscribeAsync(Room);
        var shard = (IInternalActorRef)await ActorAsync("shard-0");

        await CancelledAsync(shard, isBehindCrash);
        var untracked = Tracker.UntrackAsync(_owner);
        shard.Resume();

        Assert.Equal(1, await untracked.InTime());
        await JoinsAndLeavesAsync(subscription);
        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task What_is_tracked_after_its_connection_was_lost_counts_as_tracked_by_a_live_one()
    {
        var shard = (IInternalActorRef)await ActorAsync("shard-0");

        shard.Suspend();
        Tracker.ConnectionLost("c1");
        var tracked = Tracker.TrackAsync(Room, "alice", _owner, leaveGrace: TimeSpan.Zero);
        shard.Resume();

        Assert.Equal(TrackStatus.Tracked, (await tracked.InTime()).Status);
        await SettleAsync();
        Assert.Equal(["alice"], Tracker.List(Room).Keys);
    }

    private static async Task JoinsAndLeavesAsync(PresenceTracker.Subscriptions.Subscription subscription)
    {
        Assert.Equal(PresenceEventKind.Joined, (await subscription.NextEventAsync()).Kind);
        Assert.Equal(PresenceEventKind.Left, (await subscription.NextEventAsync()).Kind);
    }

    /// <summary>Leaves the shard suspended, with the command of a call that was cancelled.</summary>
    private async Task CancelledAsync(IInternalActorRef shard, bool isBehindCrash)
    {
        shard.Suspend();
        if (isBehindCrash)
        {
            shard.Tell(Crash.Delivery);
        }

        using var cancellation = new CancellationTokenSource();
        var tracked = Tracker.TrackAsync(Room, "alice", _owner, leaveGrace: TimeSpan.Zero, cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tracked.InTime());
    }
}
