using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Subscriptions;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Actors;

public sealed class OwnerTests : VirtualTimeTest
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Term = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_an_actor_owns_leaves_when_it_stops()
    {
        var actor = Sys.ActorOf(Props.Empty);
        await Tracker.TrackAsync(Room, "alice", Owner.Actor(actor));
        await Tracker.TrackAsync("room:2", "alice", Owner.Actor(actor));
        await Tracker.TrackAsync(Room, "bob", Owner.Actor(TestActor));
        await using var subscription = await Tracker.SubscribeAsync(Room);

        Sys.Stop(actor);

        Assert.Equal(("alice", LeaveReason.OwnerDied), await LeaveAsync(subscription));
        await SettleAsync();
        Assert.Equal(["bob"], Tracker.List(Room).Keys);
        Assert.Empty(Tracker.List("room:2"));
        Assert.Equal(0, await Tracker.UntrackAsync(Owner.Actor(actor)));
    }

    [Fact]
    public async Task What_an_actor_tracks_after_its_end_leaves_at_once()
    {
        var actor = Sys.ActorOf(Props.Empty);
        Watch(actor);
        Sys.Stop(actor);
        await ExpectTerminatedAsync(actor);
        await using var subscription = await Tracker.SubscribeAsync(Room);

        await Tracker.TrackAsync(Room, "alice", Owner.Actor(actor));

        Assert.Equal(PresenceEventKind.Joined, (await subscription.NextEventAsync()).Kind);
        Assert.Equal(("alice", LeaveReason.OwnerDied), await LeaveAsync(subscription));
    }

    [Fact]
    public async Task The_next_actor_of_a_name_is_another_owner()
    {
        var first = Sys.ActorOf(Props.Empty, "same");
        await Tracker.TrackAsync(Room, "alice", Owner.Actor(first));
        Watch(first);
        Sys.Stop(first);
        await ExpectTerminatedAsync(first);
        var second = Sys.ActorOf(Props.Empty, "same");

        var result = await Tracker.TrackAsync(Room, "alice", Owner.Actor(second));

        Assert.Equal(TrackStatus.Tracked, result.Status);
        await SettleAsync();
        Assert.Equal(result.Ref, Assert.Single(Tracker.List(Room)).Ref);
    }

    [Fact]
    public async Task What_an_actor_asked_for_before_it_stopped_ends_with_the_rest_of_what_it_has()
    {
        var actor = Sys.ActorOf(Props.Empty);
        var owner = Owner.Actor(actor);
        await Tracker.TrackAsync(Room, "first", owner);
        var shard = (IInternalActorRef)await ActorAsync("shard-0");
        Watch(actor);

        shard.Suspend();
        var second = Tracker.TrackAsync(Room, "second", owner);
        Sys.Stop(actor);
        ExpectTerminated(actor);
        var hasHeard = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        (await ActorAsync("owner-watch")).Tell(new OwnerMessage.UntrackOwner(Owner.Connection("nobody"), 0, hasHeard));
        await hasHeard.Task.InTime();
        shard.Resume();
        Assert.Equal(TrackStatus.Tracked, (await second.InTime()).Status);
        await SettleAsync();

        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task A_broken_connection_is_held_for_its_grace()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));
        await using var subscription = await Tracker.SubscribeAsync(Room);

        Tracker.ConnectionLost("c1");
        await AdvanceAsync(Grace - Tick);
        Assert.Equal(["alice"], Tracker.List(Room).Keys);
        await AdvanceAsync(Tick);

        Assert.Equal(("alice", LeaveReason.ConnectionLost), await LeaveAsync(subscription));
        Assert.Empty(Tracker.List(Room));
        Assert.Equal(0, await Tracker.UntrackAsync(Owner.Connection("c1")));
    }

    [Fact]
    public async Task A_grace_of_its_own_rules()
    {
        await Tracker.TrackAsync(Room, "at once", Owner.Connection("c1"), leaveGrace: TimeSpan.Zero);
        await Tracker.TrackAsync(Room, "later", Owner.Connection("c1"), leaveGrace: TimeSpan.FromSeconds(10));
        await using var subscription = await Tracker.SubscribeAsync(Room);

        Tracker.ConnectionLost("c1");

        Assert.Equal(("at once", LeaveReason.ConnectionLost), await LeaveAsync(subscription));
        await AdvanceAsync(TimeSpan.FromSeconds(10) - Tick);
        Assert.Equal(["later"], Tracker.List(Room).Keys);
        await AdvanceAsync(Tick);
        Assert.Equal(("later", LeaveReason.ConnectionLost), await LeaveAsync(subscription));
    }

    [Fact]
    public async Task A_key_that_comes_back_on_another_connection_was_never_away()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));
        await using var subscription = await Tracker.SubscribeAsync(Room);
        Tracker.ConnectionLost("c1");
        await SettleAsync();

        await Tracker.TrackAsync(Room, "alice", Owner.Connection("c2"));

        var diff = await subscription.NextAsync();
        Assert.Empty(diff.KeysJoined);
        Assert.Empty(diff.KeysLeft);
        Assert.Equal("connection:c2", Assert.Single(diff.Joins).Owner);
        Assert.Equal(("connection:c1", LeaveReason.Replaced), diff.Leaves.Select(leave => (leave.Presence.Owner, leave.Reason)).Single());
        await AdvanceAsync(Grace);
        Assert.Equal("connection:c2", Assert.Single(Tracker.List(Room)).Owner);
        Assert.Equal(0, await Tracker.UntrackAsync(Owner.Connection("c1")));
    }

    [Fact]
    public async Task A_connection_that_tracks_again_is_back()
    {
        var first = await Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));
        await using var subscription = await Tracker.SubscribeAsync(Room);
        Tracker.ConnectionLost("c1");
        await SettleAsync();

        var second = await Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));

        Assert.Equal(new TrackResult(TrackStatus.AlreadyTracked, first.Ref), second);
        await AdvanceAsync(2 * Grace);
        Assert.Equal(first.Ref, Assert.Single(Tracker.List(Room)).Ref);
        Tracker.ConnectionLost("c1");
        await AdvanceAsync(Grace);
        Assert.Equal(("alice", LeaveReason.ConnectionLost), await LeaveAsync(subscription));
    }

    [Fact]
    public async Task An_update_that_comes_after_its_connection_broke_does_not_bring_the_connection_back()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"), new { n = 1 });
        Tracker.ConnectionLost("c1");
        await SettleAsync();
        await Tracker.UpdateAsync(Room, "alice", Owner.Connection("c1"), new { n = 2 });
        await Tracker.UpdateAsync(Room, "alice", Owner.Connection("c1"), new { n = 2 });

        await AdvanceAsync(Grace);

        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task An_untrack_is_immediate_whatever_the_grace()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));
        await using var subscription = await Tracker.SubscribeAsync(Room);
        Tracker.ConnectionLost("c1");
        await SettleAsync();

        await Tracker.UntrackAsync(Room, "alice", Owner.Connection("c1"));

        Assert.Equal(("alice", LeaveReason.Untracked), await LeaveAsync(subscription));
        await AdvanceAsync(Grace);
        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task A_connection_that_owns_nothing_can_break()
    {
        Tracker.ConnectionLost("unknown");
        await SettleAsync();

        Assert.True(Tracker.IsReady);
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_expires()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(Term));
        await using var subscription = await Tracker.SubscribeAsync(Room);

        await AdvanceAsync(Term - Tick);
        Assert.Equal(["alice"], Tracker.List(Room).Keys);
        await AdvanceAsync(Tick);

        Assert.Equal(("alice", LeaveReason.LeaseExpired), await LeaveAsync(subscription));
        await AdvanceAsync(Term);
        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task A_lease_that_is_tracked_again_is_renewed_without_a_word()
    {
        var first = await Tracker.TrackAsync(Room, "alice", Owner.Lease(Term));
        await using var subscription = await Tracker.SubscribeAsync(Room);
        for (var i = 0; i < 3; i++)
        {
            await AdvanceAsync(Term - Tick);
            var renewed = i % 2 == 0
                ? await Tracker.TrackAsync(Room, "alice", Owner.Lease(Term))
                : await Tracker.TrackOrUpdateAsync(Room, "alice", Owner.Lease(Term));
            Assert.Equal(first.Ref, renewed.Ref);
        }

        await AdvanceAsync(Term);

        Assert.Equal(("alice", LeaveReason.LeaseExpired), await LeaveAsync(subscription));
    }

    [Fact]
    public async Task An_update_does_not_renew_a_lease()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(Term));
        await AdvanceAsync(Term - Tick);
        await Tracker.UpdateAsync(Room, "alice", Owner.Lease(Term), new { n = 1 });

        await AdvanceAsync(Tick);

        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task A_renewal_can_take_another_term()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(TimeSpan.FromHours(1)));
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(TimeSpan.FromSeconds(1)));

        await AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task Leases_of_one_key_are_told_apart_by_their_names()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(Term, "phone"));
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(2 * Term, "desk"));
        Assert.Equal(new TopicCount(1, 2), Tracker.Count(Room));

        await AdvanceAsync(Term);

        Assert.Equal("lease:desk", Assert.Single(Tracker.List(Room)).Owner);
    }

    [Fact]
    public async Task A_renewal_that_races_the_expiry_wins()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(Term), new { n = 1 });
        await SettleAsync();
        await using var subscription = await Tracker.SubscribeAsync(Room);
        var watch = (IInternalActorRef)await ActorAsync("owner-watch");

        // The owner watch says that the lease is over before it hears of the renewal, which the shard has seen by then.
        watch.Suspend();
        Clock.Advance(Term);
        var renewal = await Tracker.TrackOrUpdateAsync(Room, "alice", Owner.Lease(Term), new { n = 1 });
        watch.Resume();

        Assert.Equal(TrackStatus.Unchanged, renewal.Status);
        await SettleAsync();
        Assert.Equal("""{"n":1}""", Assert.Single(Tracker.List(Room)).Meta.ToString());
        await AdvanceAsync(Term - Tick);
        Assert.Equal(["alice"], Tracker.List(Room).Keys);
        await AdvanceAsync(Tick);
        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task What_was_ended_after_a_renewal_that_raced_the_expiry_stays_ended()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(Term));
        await SettleAsync();
        var watch = (IInternalActorRef)await ActorAsync("owner-watch");

        watch.Suspend();
        Clock.Advance(Term);
        await Tracker.TrackOrUpdateAsync(Room, "alice", Owner.Lease(Term));
        var ended = await Tracker.UntrackAsync(Room, "alice", Owner.Lease(Term));
        watch.Resume();

        Assert.Equal(TrackStatus.Untracked, ended.Status);
        await SettleAsync();
        Assert.Empty(Tracker.List(Room));
        await AdvanceAsync(Term);
        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task A_renewal_that_races_the_expiry_counts_with_its_own_duration()
    {
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(Term));
        await SettleAsync();
        var watch = (IInternalActorRef)await ActorAsync("owner-watch");

        watch.Suspend();
        Clock.Advance(Term);
        await Tracker.TrackAsync(Room, "alice", Owner.Lease(10 * Term));
        watch.Resume();

        await AdvanceAsync((10 * Term) - Tick);
        Assert.Equal(["alice"], Tracker.List(Room).Keys);
        await AdvanceAsync(Tick);
        Assert.Empty(Tracker.List(Room));
    }

    private static async Task<(string Key, LeaveReason Reason)> LeaveAsync(Subscription subscription)
    {
        var change = await subscription.NextEventAsync();
        Assert.Equal(PresenceEventKind.Left, change.Kind);
        return (change.Presence.Key, change.Reason);
    }
}
