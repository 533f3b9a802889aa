using Akka.Actor;
using Akka.Event;
using PresenceTracker.Actors;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Actors;

public sealed class ShardCrashTests : VirtualTimeTest
{
    private readonly Owner _owner = Owner.Connection("c1");

    [Fact]
    public async Task A_crashed_shard_comes_back_in_its_next_epoch_and_no_reader_notices()
    {
        var alice = await Tracker.TrackAsync(Room, "alice", _owner, new { n = 1 });
        var bob = await Tracker.TrackAsync("room:2", "bob", Owner.Actor(TestActor));
        await using var subscription = await Tracker.SubscribeAsync(Room);
        var shard = await ActorAsync("shard-0");

        shard.Tell(Crash.Delivery);
        Assert.Equal(TrackStatus.AlreadyTracked, (await Tracker.TrackAsync(Room, "alice", _owner).InTime()).Status);

        var after = Assert.Single(Tracker.List(Room));
        Assert.Equal((alice.Ref, 1), (after.Ref, after.Replica.Epoch));
        Assert.Equal(bob.Ref, Assert.Single(Tracker.List("room:2")).Ref);
        Assert.Equal(["room:2"], Tracker.TopicsOf("bob"));
        await Tracker.UpdateAsync(Room, "alice", _owner, new { n = 2 });
        var change = await subscription.NextEventAsync();
        Assert.Equal((PresenceEventKind.Updated, alice.Ref), (change.Kind, change.Previous!.Ref));
        await AdvanceAsync(TimeSpan.FromMilliseconds(5));
        Assert.Equal(3UL, Assert.Single(Tracker.Nodes).Contexts.Single());
        Assert.True(Tracker.IsReady);
    }

    [Fact]
    public async Task Readers_are_answered_all_through_a_crash()
    {
        await Tracker.TrackManyAsync([.. Enumerable.Range(0, 3_000).Select(i => new TrackRequest(Room, $"user {i}", _owner, Meta.Empty))]);
        var shard = await ActorAsync("shard-0");
        var ownerWatch = (ActorRefWithCell)await ActorAsync("owner-watch");
        await SettleAsync();
        var isDone = false;
        var reads = 0;
        var reader = Task.Run(() =>
        {
            var gaps = 0;
            while (!Volatile.Read(ref isDone))
            {
                gaps += Tracker.Count(Room) == new TopicCount(3_000, 3_000) && Tracker.IsOnline("user 7") ? 0 : 1;
                Interlocked.Increment(ref reads);
            }

            return gaps;
        });

        // Nothing comes back to the next epoch before the owner watch goes on, so what is read meanwhile is read while the shard has nothing.
        ownerWatch.Suspend();
        shard.Tell(Crash.Delivery);
        await Expect.UntilAsync(() => ownerWatch.Underlying.NumberOfMessages > 0, "the next epoch to ask for its presences");
        var before = Volatile.Read(ref reads);
        await Expect.UntilAsync(() => Volatile.Read(ref reads) > before + 100, "100 reads while the shard is rebuilt");
        Assert.Equal(0, Tracker.List(Room).First().Replica.Epoch);
        ownerWatch.Resume(null);
        await SettleAsync();

        Assert.Equal(1, Tracker.List(Room).First().Replica.Epoch);
        Volatile.Write(ref isDone, true);
        Assert.Equal(0, await reader.InTime());
    }

    [Fact]
    public async Task The_command_that_was_being_handled_fails_and_those_behind_it_do_not()
    {
        var shard = await ActorAsync("shard-0");
        var completion = Crash.NewCompletion();

        shard.Tell(Crash.Command(completion));
        var next = await Tracker.TrackAsync(Room, "alice", _owner).InTime();

        Assert.Equal(0, (await Assert.ThrowsAsync<ShardUnavailableException>(() => completion.Task.InTime())).Shard);
        Assert.Equal(TrackStatus.Tracked, next.Status);
        Assert.Equal(["alice"], Tracker.List(Room).Keys);
    }

    [Fact]
    public async Task A_presence_whose_end_was_under_way_does_not_come_back()
    {
        var dying = Sys.ActorOf(Props.Empty);
        await Tracker.TrackAsync(Room, "alice", _owner);
        await Tracker.TrackAsync(Room, "bob", Owner.Actor(dying));
        await Tracker.TrackAsync(Room, "carol", Owner.Lease(TimeSpan.FromSeconds(30)));
        await Tracker.TrackAsync(Room, "dave", Owner.Connection("c2"), leaveGrace: TimeSpan.Zero);
        await Tracker.TrackAsync(Room, "erin", _owner);
        await SettleAsync();
        var shard = (IInternalActorRef)await ActorAsync("shard-0");

        // All of these wait in the mailbox of the shard while it crashes, and again in its next epoch.
        shard.Suspend();
        shard.Tell(Crash.Delivery);
        var untracked = Tracker.UntrackAsync(Room, "alice", _owner);
        Sys.Stop(dying);
        Tracker.ConnectionLost("c2");
        Clock.Advance(TimeSpan.FromSeconds(30));
        shard.Resume();

        Assert.Equal(TrackStatus.Untracked, (await untracked.InTime()).Status);
        await SettleAsync();
        Assert.Equal(["erin"], Tracker.List(Room).Keys);
        shard.Tell(Crash.Delivery);
        await SettleAsync();
        Assert.Equal(["erin"], Tracker.List(Room).Keys);
        Assert.Equal(1, await Tracker.UntrackAsync(_owner));
    }

    [Fact]
    public async Task A_command_behind_a_crash_finds_what_was_there_before_it()
    {
        await Tracker.TrackAsync(Room, "alice", _owner, new { n = 1 });
        await using var subscription = await Tracker.SubscribeAsync(Room);
        var shard = (IInternalActorRef)await ActorAsync("shard-0");

        shard.Suspend();
        shard.Tell(Crash.Delivery);
        var updated = Tracker.UpdateAsync(Room, "alice", _owner, (Meta _) => Metas.From(new { n = 2 }));
        var tracked = Tracker.TrackAsync(Room, "alice", _owner);
        var late = Tracker.SubscribeAsync(Room);
        shard.Resume();

        Assert.Equal(TrackStatus.Updated, (await updated.InTime()).Status);
        Assert.Equal(TrackStatus.AlreadyTracked, (await tracked.InTime()).Status);
        Assert.Equal(PresenceEventKind.Updated, (await subscription.NextEventAsync()).Kind);
        await using var second = await late.InTime();
        Assert.Equal((await updated).Ref, Assert.Single(second.Snapshot).Ref);
    }

    [Fact]
    public async Task What_is_held_is_held_on_after_a_crash()
    {
        await Tracker.TrackAsync(Room, "alice", _owner);
        Tracker.ConnectionLost("c1");
        await SettleAsync();
        var shard = await ActorAsync("shard-0");
        shard.Tell(Crash.Delivery);
        await SettleAsync();
        Assert.Equal(["alice"], Tracker.List(Room).Keys);

        await AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.Empty(Tracker.List(Room));
    }

    [Fact]
    public async Task A_shard_that_crashed_goes_on_pushing_its_changes_out()
    {
        var shard = await ActorAsync("shard-0");
        shard.Tell(Crash.Delivery);
        await SettleAsync();

        await Tracker.TrackAsync(Room, "alice", _owner);
        await AdvanceAsync(TimeSpan.FromMilliseconds(5));

        Assert.Equal(1UL, Assert.Single(Tracker.Nodes).Contexts.Single());
    }

    [Fact]
    public async Task After_three_crashes_in_ten_seconds_the_shard_stays_down_and_says_so()
    {
        await Tracker.TrackAsync(Room, "alice", _owner);
        await using var subscription = await Tracker.SubscribeAsync(Room);
        var shard = (IInternalActorRef)await ActorAsync("shard-0");
        shard.Tell(Crash.Delivery);
        await SettleAsync();
        shard.Tell(Crash.Delivery);
        await SettleAsync();
        Assert.True(Tracker.IsReady);
        var completion = Crash.NewCompletion();

        shard.Suspend();
        shard.Tell(Crash.Command(completion));
        var behind = Tracker.TrackAsync(Room, "bob", _owner);
        shard.Resume();

        await Fails(() => completion.Task);
        await Fails(() => behind);
        await Expect.UntilAsync(() => !Tracker.IsReady, "the node to notice");
        await Fails(() => Tracker.TrackAsync(Room, "bob", _owner));
        await Fails(() => Tracker.UpdateAsync(Room, "alice", _owner, new { n = 1 }));
        await Fails(() => Tracker.UntrackAsync(Room, "alice", _owner));
        await Fails(() => Tracker.UntrackAsync(_owner));
        await Fails(() => Tracker.TrackManyAsync([new TrackRequest(Room, "bob", _owner, Meta.Empty)]));
        await Fails(() => Tracker.UntrackManyAsync([(Room, "alice", _owner)]));
        await Fails(() => Tracker.SubscribeAsync(Room));
        Assert.Equal(["alice"], Tracker.List(Room).Keys);
        Assert.False(Tracker.Stopped.IsCompleted);

        static Task Fails(Func<Task> call) => Assert.ThrowsAsync<ShardUnavailableException>(() => call().InTime());
    }

    [Fact]
    public async Task A_shard_that_stays_down_has_pushes_acknowledged_so_that_their_sender_goes_on()
    {
        var heartbeat = new Recorder(Sys, "heartbeat");
        var from = Tracker.Self;
        var shard = Sys.ActorOf(Props.Create(() => new DownShardActor(0, heartbeat)));
        var behind = Crash.NewCompletion();

        shard.Tell(new GossipEffect.DeliverDots(null!, from, 7));
        shard.Tell(new GossipEffect.DeliverDots(null!, from, 0));
        shard.Tell(Crash.Command(behind));

        await Assert.ThrowsAsync<ShardUnavailableException>(() => behind.Task.InTime());
        Assert.Equal([new GossipInput.PushHandled(from, 7)], heartbeat.Take<GossipInput.PushHandled>());
    }

    [Fact]
    public async Task The_tracker_does_not_listen_to_the_dead_letters_of_its_actor_system()
    {
        await Tracker.Ready.InTime();
        var supervisor = await Node.ResolveOne(Expect.Patience);

        Assert.False(Sys.EventStream.Unsubscribe(supervisor, typeof(DeadLetter)), "the supervisor hears every dead letter of the system");
    }

    [Theory]
    [InlineData("heartbeat")]
    [InlineData("monitor")]
    [InlineData("owner-watch")]
    [InlineData("diff-publisher")]
    public async Task A_crash_of_anything_else_ends_the_node_and_says_why(string name)
    {
        await Tracker.Ready.InTime();
        await using var subscription = await Tracker.SubscribeAsync(Room);
        var actor = await ActorAsync(name);
        object fault = name switch
        {
            "heartbeat" => new PresenceTracker.Protocol.Gossip.GossipInput.MessageReceived(null!, null!),
            "monitor" => new PresenceTracker.Protocol.Membership.MembershipInput.Started(),
            "owner-watch" => new OwnerMessage.Tracked(null!, null!, 0),
            _ => new DiffPublisher.ShardTurn(0, null!),
        };

        actor.Tell(fault);

        Assert.StartsWith($"{name} crashed: ", await Tracker.Stopped.InTime(), StringComparison.Ordinal);
        Assert.False(Tracker.IsReady);
        await Assert.ThrowsAsync<TrackerStoppedException>(() => Tracker.TrackAsync(Room, "alice", _owner).InTime());
        await Assert.ThrowsAsync<TrackerStoppedException>(() => subscription.NextAsync().InTime());
    }

    [Fact]
    public async Task A_crash_of_the_supervisor_ends_the_node_and_says_why()
    {
        await Tracker.Ready.InTime();
        var supervisor = await Node.ResolveOne(Expect.Patience);
        var isTerminated = supervisor.WatchAsync();

        supervisor.Tell(new PresenceTracker.Protocol.Membership.MembershipEffect.Announceable(null!));

        // Also once the instance that took the place of the crashed one has stopped in its turn.
        Assert.True(await isTerminated.InTime());
        Assert.StartsWith("presence crashed: ", await Tracker.Stopped.InTime(), StringComparison.Ordinal);
        Assert.True(Tracker.HasFailed, "the node has failed");
        var refused = await Assert.ThrowsAsync<TrackerStoppedException>(() => Tracker.TrackAsync(Room, "alice", _owner).InTime());
        Assert.StartsWith("presence crashed: ", refused.Reason, StringComparison.Ordinal);
    }
}
