using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using PresenceTracker.Actors;
using PresenceTracker.Configuration;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Actors;

/// <summary>One shard by itself; the test is everybody whom it speaks to.</summary>
public sealed class ShardActorTests : TestKit
{
    private const string Room = "room:1";

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(5);
    private static readonly NodeId Self = new("127.0.0.1:1", new Incarnation(1, 1));
    private static readonly NodeId Peer = new("127.0.0.1:2", new Incarnation(1, 2));

    private readonly Owner _owner = Owner.Connection("c1");
    private readonly Recorder _heartbeat;
    private readonly Recorder _owners;
    private readonly Recorder _publisher;
    private readonly NodeRuntime _runtime;
    private readonly IInternalActorRef _shard;

    public ShardActorTests()
        : base(ConfigurationFactory.ParseString("""
            akka.scheduler.implementation = "PresenceTracker.Tests.Actors.VirtualScheduler, PresenceTracker.Tests"
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            """))
    {
        _heartbeat = new Recorder(Sys, "heartbeat");
        _owners = new Recorder(Sys, "owner-watch");
        _publisher = new Recorder(Sys, "diff-publisher");
        _runtime = new NodeRuntime(PresenceSettings.From(ConfigurationFactory.ParseString("presence.shards = 1")), Self);
        var peers = new ShardPeers(_heartbeat, _owners, _publisher, _runtime.Metrics);
        var identity = new ShardIdentity(Self, 0);
        _shard = (IInternalActorRef)Sys.ActorOf(Props.Create(() => new ShardActor(_runtime, 0, identity, peers)));
    }

    private VirtualScheduler Clock => (VirtualScheduler)Sys.Scheduler;

    [Fact]
    public async Task The_first_change_leaves_at_once_and_then_one_batch_a_window()
    {
        await TrackAsync("alice");
        Assert.Equal((0UL, 1UL), Assert.Single(Pushed()));

        await TrackAsync("bob");
        await TrackAsync("carol");
        Assert.Empty(Pushed());
        await AdvanceAsync(Window - TimeSpan.FromTicks(1));
        Assert.Empty(Pushed());
        await AdvanceAsync(TimeSpan.FromTicks(1));
        Assert.Equal((1UL, 3UL), Assert.Single(Pushed()));

        await TrackAsync("dave");
        Assert.Empty(Pushed());
        await AdvanceAsync(Window);
        Assert.Equal((3UL, 4UL), Assert.Single(Pushed()));
        await AdvanceAsync(Window);
        Assert.Empty(Pushed());

        await TrackAsync("erin");
        Assert.Equal((4UL, 5UL), Assert.Single(Pushed()));
    }

    [Fact]
    public async Task A_batch_is_one_turn_and_one_push()
    {
        var completion = new TaskCompletionSource<IReadOnlyList<TrackResult>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var requests = Enumerable.Range(0, 100).Select(i => new TrackRequest(Room, $"user {i}", _owner, Meta.Empty, TimeSpan.Zero)).ToList();

        _shard.Tell(new ShardCommand.TrackMany(requests, OrUpdate: false, completion));
        await completion.Task.InTime();

        Assert.Equal((0UL, 100UL), Assert.Single(Pushed()));
        Assert.Equal(100, Assert.Single(Assert.Single(_publisher.Take<DiffPublisher.ShardTurn>()).Turn.Diffs).Events.Length);
    }

    [Fact]
    public async Task What_changes_nothing_pushes_and_publishes_nothing()
    {
        await TrackAsync("alice");
        await AdvanceAsync(Window);
        Pushed();
        _publisher.Take<object>();

        await TrackAsync("alice");
        await AdvanceAsync(Window);

        Assert.Empty(Pushed());
        Assert.Empty(_publisher.Take<object>());
    }

    [Fact]
    public async Task A_push_that_crashed_the_shard_counts_as_handled()
    {
        _shard.Tell(new GossipEffect.DeliverDots(null!, Peer, PushNumber: 7));
        await IntroduceAsync();

        Assert.Contains(new GossipInput.PushHandled(Peer, 7), _heartbeat.Take<GossipInput>());
    }

    [Fact]
    public async Task The_gossip_forgets_the_contexts_of_an_epoch_that_is_over()
    {
        await TrackAsync("alice");
        await LearnOfBobAsync();
        _heartbeat.Take<object>();

        _shard.Tell(Crash.Delivery);
        await IntroduceAsync(new NodeRecord(Peer, 1, []));

        var inputs = _heartbeat.Take<GossipInput>();
        Assert.Equal(
            [new ReplicaId(Self, 0, 0), new ReplicaId(Peer, 0, 0)],
            inputs.OfType<GossipInput.ReplicaRemoved>().Select(removed => removed.Replica));
        var added = inputs.OfType<GossipInput.ReplicaAdded>().ToList();
        Assert.Equal([new ReplicaId(Self, 0, 1), new ReplicaId(Peer, 0, 0)], added.Select(a => a.Replica));
        Assert.All(added, a => Assert.Equal(0UL, a.Position.Context));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readers_keep_what_they_had_until_the_next_epoch_has_it_all_whatever_comes_first(bool isReplayedFirst)
    {
        await CrashWithAliceAndBobAsync();
        var waiting = Crash.NewCompletion();
        _shard.Tell(Track("carol", waiting));

        if (isReplayedFirst)
        {
            Replay();
            await IntroduceAsync(new NodeRecord(Peer, 1, []));
        }
        else
        {
            await IntroduceAsync(new NodeRecord(Peer, 1, []));
            Replay();
        }

        await SettleAsync();
        Assert.Equal(["alice", "bob"], _runtime.Views[0].Topic(Room).Keys);
        Assert.Empty(_publisher.Take<DiffPublisher.ShardTurn>());
        Assert.False(waiting.Task.IsCompleted);

        DeliverBob();
        await waiting.Task.InTime();

        var diffs = _publisher.Take<DiffPublisher.ShardTurn>().SelectMany(published => published.Turn.Diffs).ToList();
        Assert.Equal(["carol"], diffs.SelectMany(diff => diff.Events).Select(change => change.Presence.Key));
        Assert.Equal(["alice", "bob", "carol"], _runtime.Views[0].Topic(Room).Keys);
        Assert.Equal(1, _runtime.Views[0].Topic(Room).GetByKey("alice")[0].Replica.Epoch);
    }

    [Fact]
    public async Task Readers_do_not_keep_what_nobody_brings_back_for_longer_than_two_seconds()
    {
        await CrashWithAliceAndBobAsync();
        await IntroduceAsync(new NodeRecord(Peer, 1, []));
        Replay();
        await AdvanceAsync(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.Equal(["alice", "bob"], _runtime.Views[0].Topic(Room).Keys);

        await AdvanceAsync(TimeSpan.FromTicks(1));

        Assert.Equal(["alice"], _runtime.Views[0].Topic(Room).Keys);
        var left = Assert.Single(_publisher.Take<DiffPublisher.ShardTurn>().SelectMany(published => published.Turn.Diffs).SelectMany(diff => diff.Events));
        Assert.Equal(("bob", LeaveReason.Unobserved), (left.Presence.Key, left.Reason));
        DeliverBob();
        await SettleAsync();
        Assert.Equal(["alice", "bob"], _runtime.Views[0].Topic(Room).Keys);
    }

    [Fact]
    public async Task A_second_crash_before_the_rebuild_is_over_is_not_seen_by_readers_either()
    {
        await CrashWithAliceAndBobAsync();
        await IntroduceAsync(new NodeRecord(Peer, 1, []));
        _shard.Tell(Crash.Delivery);
        await IntroduceAsync(new NodeRecord(Peer, 1, []));
        Replay(epoch: 2);
        await SettleAsync();

        Assert.Equal(["alice", "bob"], _runtime.Views[0].Topic(Room).Keys);
        DeliverBob();
        await SettleAsync();

        Assert.Empty(_publisher.Take<DiffPublisher.ShardTurn>().SelectMany(published => published.Turn.Diffs).SelectMany(diff => diff.Events));
        Assert.Equal(["alice", "bob"], _runtime.Views[0].Topic(Room).Keys);
        Assert.Equal(2, _runtime.Views[0].Topic(Room).GetByKey("alice")[0].Replica.Epoch);
    }

    [Fact]
    public async Task A_node_that_went_during_the_crash_is_not_waited_for()
    {
        await CrashWithAliceAndBobAsync();
        await IntroduceAsync();
        Replay();
        await SettleAsync();

        Assert.Equal(["alice"], _runtime.Views[0].Topic(Room).Keys);
    }

    [Fact]
    public async Task Commands_that_wait_fail_if_the_shard_crashes_again()
    {
        await CrashWithAliceAndBobAsync();
        var waiting = Crash.NewCompletion();
        _shard.Tell(Track("carol", waiting));

        _shard.Tell(Crash.Delivery);

        await Assert.ThrowsAsync<PresenceTracker.Errors.ShardUnavailableException>(() => waiting.Task.InTime());
    }

    private async Task CrashWithAliceAndBobAsync()
    {
        await TrackAsync("alice");
        await LearnOfBobAsync();
        Assert.Equal(["alice", "bob"], _runtime.Views[0].Topic(Room).Keys);
        _shard.Tell(Crash.Delivery);
        await SettleAsync();
        _publisher.Take<object>();
    }

    private async Task LearnOfBobAsync()
    {
        _shard.Tell(new MembershipEffect.NodeUp(new NodeRecord(Peer, 1, [])));
        DeliverBob();
        await SettleAsync();
    }

    private void DeliverBob()
    {
        var replica = new ReplicaId(Peer, 0, 0);
        var bob = new Presence(replica, 1, new PresenceId(Room, "bob", "connection:c2"), "bob's ref", Meta.Empty, TimeSpan.Zero);
        _shard.Tell(new GossipEffect.DeliverDots(new Dots(replica, 0, 1, 1, 1, [bob], []), Peer, PushNumber: 1));
    }

    private void Replay(int epoch = 1) =>
        _shard.Tell(new ReplicationInput.Replayed(epoch, [.. _runtime.Views[0].Topic(Room).GetByKey("alice")], [], IsLast: true));

    private async Task IntroduceAsync(params ImmutableArray<NodeRecord> nodes)
    {
        foreach (var node in nodes)
        {
            _shard.Tell(new MembershipEffect.NodeUp(node));
        }

        _shard.Tell(new ReplicationInput.Introduced());
        await SettleAsync();
    }

    private async Task AdvanceAsync(TimeSpan time)
    {
        await SettleAsync();
        Clock.Advance(time);
        await SettleAsync();
    }

    /// <summary>Until the shard has handled everything that it was told.</summary>
    private async Task SettleAsync() => await _shard.Ask<ActorIdentity>(new Identify(null), Expect.Patience);

    private async Task TrackAsync(string key)
    {
        var completion = Crash.NewCompletion();
        _shard.Tell(Track(key, completion));
        await completion.Task.InTime();
    }

    private ShardCommand.Track Track(string key, TaskCompletionSource<TrackResult> completion) =>
        new(new PresenceId(Room, key, _owner.Id), _owner, Meta.Empty, TimeSpan.Zero, OrUpdate: false, completion);

    private IEnumerable<(ulong From, ulong To)> Pushed() =>
        _heartbeat.Take<GossipInput.LocalChange>().SelectMany(change => change.Deltas).Select(delta => (delta.From, delta.To));
}
