using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;
using static PresenceTracker.Tests.Replication.CoreDriver;

namespace PresenceTracker.Tests.Replication;

public sealed class ReplicationCoreTests
{
    private static List<TopicDiff> Diffs(IEnumerable<ReplicationEffect> effects) =>
        [.. effects.OfType<ReplicationEffect.Publish>().SelectMany(publish => publish.Turn.Diffs)];

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    [Fact]
    public void A_write_is_published_before_it_is_answered_and_leaves_at_once()
    {
        var core = new CoreDriver();

        var effects = core.Track("alice");

        Assert.Equal(
            [
                typeof(ReplicationEffect.Publish), typeof(ReplicationEffect.PublishContext), typeof(ReplicationEffect.TellGossip),
                typeof(ReplicationEffect.TellGossip), typeof(ReplicationEffect.ScheduleTimer), typeof(ReplicationEffect.Written),
            ],
            effects.Select(effect => effect.GetType()));
        Assert.Equal((0UL, 1UL), Assert.Single(Pushed(effects)));
        var result = Assert.Single(Assert.IsType<ReplicationEffect.Written>(effects[^1]).Results);
        Assert.Equal((TrackStatus.Tracked, "alice"), (result.Result.Status, result.Presence!.Key));
    }

    [Fact]
    public void After_the_first_change_one_batch_leaves_a_window()
    {
        var core = new CoreDriver();
        core.Track("alice");

        Assert.Empty(Pushed(core.Track("bob")));
        Assert.Empty(Pushed(core.Track("carol")));
        Assert.Empty(Pushed(core.Advance(Window - TimeSpan.FromTicks(1))));
        Assert.Equal((1UL, 3UL), Assert.Single(Pushed(core.Advance(TimeSpan.FromTicks(1)))));
        Assert.Empty(Pushed(core.Advance(Window)));
        Assert.Equal((3UL, 4UL), Assert.Single(Pushed(core.Track("dave"))));
    }

    [Fact]
    public void A_node_that_is_down_takes_no_part_in_digests_though_its_dots_still_arrive()
    {
        var core = new CoreDriver();

        var up = Told(core.Give(new MembershipEffect.NodeUp(PeerRecord)));
        var down = Told(core.Give(new MembershipEffect.NodeDown(Other)));
        var late = Told(core.Give(PeerDots(0, 1)));

        Assert.Equal(PeerReplica, Assert.IsType<GossipInput.ReplicaAdded>(Assert.Single(up)).Replica);
        Assert.Equal(PeerReplica, Assert.IsType<GossipInput.ReplicaRemoved>(Assert.Single(down)).Replica);
        Assert.Equal([new GossipInput.PushHandled(Other, 1)], late);
    }

    [Fact]
    public void A_push_with_something_missing_before_it_is_asked_for_and_counts_as_handled()
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));

        var told = Told(core.Give(PeerDots(4, 5)));

        Assert.Equal([new GossipInput.GapFound(PeerReplica, Other), new GossipInput.PushHandled(Other, 5)], told.Where(input => input is not GossipInput.ContextMoved));
    }

    [Fact]
    public void The_first_push_of_several_that_make_a_batch_has_nothing_missing_before_it_and_nothing_is_asked_for()
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));

        var told = Told(core.Give(PeerDots(0, 1, horizon: 2)));

        Assert.Equal([new GossipInput.PushHandled(Other, 1)], told.Where(input => input is not GossipInput.ContextMoved));
    }

    [Fact]
    public void A_node_that_returned_is_shown_at_its_first_digest_or_a_second_after_its_last_return()
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Give(PeerDots(0, 1));
        GoAndReturn(core);
        Assert.Equal(["peer's 1"], Joined([.. core.Give(new GossipEffect.ShowTarget(Other, [new ReplicaContext(PeerReplica, 1)])), .. core.Advance(TimeSpan.Zero)]));

        GoAndReturn(core);
        core.Advance(TimeSpan.FromMilliseconds(900));
        GoAndReturn(core);

        Assert.Empty(Joined(core.Advance(TimeSpan.FromMilliseconds(999))));
        Assert.Equal(["peer's 1"], Joined(core.Advance(TimeSpan.FromMilliseconds(1))));
    }

    [Fact]
    public void A_node_that_raised_its_counter_before_it_wrote_anything_is_shown_under_the_new_one()
    {
        var core = new CoreDriver();
        var renamed = Other with { Incarnation = Other.Incarnation with { Counter = 2 } };
        core.Give(new MembershipEffect.NodeUp(PeerRecord));

        var told = Told(core.Give(new MembershipEffect.NodeRenamed(Other, new NodeRecord(renamed, 0, []))));
        var shown = core.Give(PeerDots(0, 1, new ReplicaId(renamed, 0, 0)));

        Assert.Equal(
            [new GossipInput.ReplicaRemoved(PeerReplica), new GossipInput.ReplicaAdded(new ReplicaId(renamed, 0, 0), new PullPosition(0, 0, 0))], told);
        Assert.Equal("peer's 1", Assert.Single(Assert.Single(Diffs(shown)).Joins).Key);
    }

    [Fact]
    public void A_node_that_raised_its_counter_after_it_wrote_stays_visible_as_it_was_until_its_next_epoch_is_complete()
    {
        var core = new CoreDriver();
        var renamed = Other with { Incarnation = Other.Incarnation with { Counter = 2 } };
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Give(PeerDots(0, 1));

        var atRename = core.Give(new MembershipEffect.NodeRenamed(Other, new NodeRecord(renamed, 0, [])));
        var atEpoch = core.Give(new MembershipEffect.EpochRaised(renamed, new ShardEpoch(0, 1, CompleteAt: 2)));
        var half = core.Give(PeerDots(0, 1, new ReplicaId(renamed, 0, 1)));
        var whole = core.Give(PeerDots(1, 2, new ReplicaId(renamed, 0, 1)));

        Assert.Empty(Diffs([.. atRename, .. atEpoch, .. half]));
        Assert.Equal("peer's 2", Assert.Single(Assert.Single(Diffs(whole)).Joins).Key);
    }

    [Fact]
    public void A_message_with_a_topic_of_another_shard_is_malformed_and_changes_nothing()
    {
        var shardCount = Enumerable.Range(2, 100).First(count => StableHash.ShardOf(Room, count) == PeerReplica.Shard);
        var foreign = Enumerable.Range(0, 100).Select(i => $"topic {i}").First(topic => StableHash.ShardOf(topic, shardCount) != PeerReplica.Shard);
        var core = new CoreDriver(options: new ReplicationOptions { Set = new PresenceSetOptions { ShardCount = shardCount } });
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        var push = PeerDots(0, 2);
        var last = push.Dots.Entries[1];
        var misplaced = new Presence(
            last.Replica, last.Dot, new PresenceId(foreign, last.Key, last.Owner), last.Ref, last.Meta, last.LeaveGrace, last.Term);

        var effects = core.Give(push with { Dots = push.Dots with { Entries = [push.Dots.Entries[0], misplaced] } });

        Assert.Equal(
            [new ReplicationEffect.ReportDots(ApplyVerdict.Malformed, 2), new ReplicationEffect.TellGossip(new GossipInput.PushHandled(Other, 2))],
            effects);
        Assert.Equal(["peer's 1", "peer's 2"], Diffs(core.Give(push)).SelectMany(diff => diff.KeysJoined));
    }

    [Fact]
    public void Going_and_coming_of_many_presences_is_done_in_slices()
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Give(PeerDots(0, 2_500));

        core.Give(new MembershipEffect.NodeRemoved(Other, LeaveReason.NodeLeft));
        var published = core.Advance(TimeSpan.Zero).OfType<ReplicationEffect.Publish>().ToList();

        Assert.Equal([1_000, 1_000, 500], published.Select(effect => effect.Turn.Diffs.Sum(diff => diff.Leaves.Count())));
    }

    [Fact]
    public void What_arrives_of_a_node_while_it_is_being_hidden_does_not_join_and_comes_with_its_return()
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Give(PeerDots(1, 2));
        core.Give(new MembershipEffect.NodeDown(Other));

        var late = core.Give(PeerDots(0, 2, horizon: 3));
        var hidden = core.Advance(TimeSpan.Zero);
        core.Give(new MembershipEffect.NodeReturned(PeerRecord));
        core.Give(PeerDots(0, 2, horizon: 3));
        var shown = core.Give(new GossipEffect.ShowTarget(Other, [new ReplicaContext(PeerReplica, 2)]));

        Assert.Empty(Joined(late));
        Assert.Equal(["peer's 2"], Diffs(hidden).SelectMany(diff => diff.KeysLeft));
        Assert.Equal(["peer's 1", "peer's 2"], Joined([.. shown, .. core.Advance(TimeSpan.Zero)]));
    }

    [Fact]
    public void A_hold_that_ends_is_told_to_the_owner_watch_and_one_that_was_released_is_not()
    {
        var core = new CoreDriver();
        core.Track("alice", Grace);
        core.Track("bob", Grace);
        core.Write(new WriteOperation.Disconnect(Id("alice")), new WriteOperation.Disconnect(Id("bob")));
        core.Advance(Grace / 2);
        core.Track("bob", Grace);

        var ended = core.Advance(Grace / 2).OfType<ReplicationEffect.OwnEnded>();

        Assert.Equal(Id("alice"), Assert.Single(ended).Id);
    }

    [Fact]
    public void A_shorter_grace_ends_first_though_a_longer_one_was_waited_for()
    {
        var core = new CoreDriver();
        core.Track("alice", Grace);
        core.Track("bob", TimeSpan.FromSeconds(1));
        core.Write(new WriteOperation.Disconnect(Id("alice")));
        core.Write(new WriteOperation.Disconnect(Id("bob")));

        Assert.Equal(Id("bob"), Assert.Single(core.Advance(TimeSpan.FromSeconds(1)).OfType<ReplicationEffect.OwnEnded>()).Id);
        Assert.Equal(Id("alice"), Assert.Single(core.Advance(TimeSpan.FromSeconds(2)).OfType<ReplicationEffect.OwnEnded>()).Id);
    }

    [Fact]
    public void A_new_epoch_asks_for_what_there_was_and_lets_writes_wait_until_it_has_it()
    {
        var core = new CoreDriver(epoch: 1, BeforeTheCrash());
        Assert.Equal(
            [typeof(ReplicationEffect.RequestIntroduction), typeof(ReplicationEffect.RequestReplay)],
            core.Effects.Select(effect => effect.GetType()).Where(type => type != typeof(ReplicationEffect.TellGossip)));

        Assert.Empty(core.Track("carol"));
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Give(new ReplicationInput.Introduced());
        var replayed = core.Give(Replayed());
        Assert.Equal(new ShardEpoch(0, 1, 1), Assert.Single(replayed.OfType<ReplicationEffect.AnnounceEpoch>()).Epoch);
        Assert.Empty(replayed.OfType<ReplicationEffect.Publish>());

        var complete = core.Give(PeerDots(0, 1));

        Assert.Equal(["carol"], Joined(complete));
        Assert.Empty(complete.OfType<ReplicationEffect.Publish>().SelectMany(effect => effect.Turn.Diffs).SelectMany(diff => diff.Leaves));
        Assert.Equal(TrackStatus.Tracked, Assert.Single(Assert.Single(complete.OfType<ReplicationEffect.Written>()).Results).Result.Status);
    }

    [Fact]
    public void What_an_epoch_asked_for_that_crashed_before_the_answer_came_is_nothing_for_the_next_one()
    {
        var core = new CoreDriver(epoch: 2, BeforeTheCrash());
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Give(new ReplicationInput.Introduced());
        core.Give(PeerDots(0, 1));

        var early = core.Give(Replayed(epoch: 1));
        var own = core.Give(Replayed(epoch: 2));
        core.Write(new WriteOperation.Untrack(Id("alice"), RemovalCause.Untracked));
        var late = core.Give(Replayed(epoch: 1));

        Assert.Empty(early);
        Assert.Single(own.OfType<ReplicationEffect.AnnounceEpoch>());
        Assert.Empty(late);
    }

    [Fact]
    public void A_lease_expires_only_if_it_was_not_renewed_since()
    {
        var core = new CoreDriver();
        var track = new WriteOperation.Track(Id("alice"), "r", Meta.Empty, TimeSpan.Zero, OrUpdate: false, IsLease: true);
        Assert.Equal(0UL, Written(core.Write(track)).Renewal);
        var renewal = Written(core.Write(track)).Renewal;
        Assert.NotEqual(0UL, renewal);

        Assert.Equal(TrackStatus.AlreadyTracked, Written(core.Write(new WriteOperation.Expire(Id("alice"), 0))).Result.Status);
        Assert.Equal(TrackStatus.Untracked, Written(core.Write(new WriteOperation.Expire(Id("alice"), renewal))).Result.Status);
        Assert.Equal(0UL, Written(core.Write(track)).Renewal);
    }

    [Fact]
    public void A_peers_next_epoch_is_waited_for_as_far_as_it_was_announced()
    {
        var core = new CoreDriver(epoch: 1, BeforeTheCrash());
        var next = new ReplicaId(Other, 0, 1);
        core.Give(new MembershipEffect.NodeUp(new NodeRecord(Other, 0, [new ShardEpoch(0, 1, CompleteAt: 1)])));
        core.Give(new ReplicationInput.Introduced());
        Assert.Empty(core.Give(Replayed()).OfType<ReplicationEffect.Publish>());

        var presence = new Presence(next, 1, Id("peer's 1"), "r1", Meta.Empty, TimeSpan.Zero);
        var complete = core.Give(new GossipEffect.DeliverDots(new Dots(next, 0, 1, 1, 1, [presence], []), Other, PushNumber: 1));

        var published = Assert.Single(complete.OfType<ReplicationEffect.Publish>());
        Assert.Empty(published.Turn.Diffs.SelectMany(diff => diff.Events));
    }

    [Fact]
    public void Readers_learn_of_no_context_before_they_see_what_it_stands_for()
    {
        var core = new CoreDriver(epoch: 1, BeforeTheCrash());
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Give(new ReplicationInput.Introduced());

        var replayed = core.Give(Replayed());
        var complete = core.Give(PeerDots(0, 1));

        Assert.DoesNotContain(core.Effects.Concat(replayed), IsContext);
        Assert.Equal(
            [
                new ReplicationEffect.ForgetContext(new ReplicaId(Self, 0, 0)),
                new ReplicationEffect.PublishContext(new ReplicaId(Self, 0, 1), 1),
                new ReplicationEffect.PublishContext(PeerReplica, 1),
            ],
            complete.Where(IsContext));
    }

    [Fact]
    public void An_epoch_that_ends_takes_its_replicas_from_the_gossip_and_nothing_from_readers()
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));

        var effects = core.Give(new ReplicationInput.Ended());

        Assert.Equal(
            [
                new ReplicationEffect.TellGossip(new GossipInput.ReplicaRemoved(new ReplicaId(Self, 0, 0))),
                new ReplicationEffect.TellGossip(new GossipInput.ReplicaRemoved(PeerReplica)),
            ],
            effects);
    }

    private static void GoAndReturn(CoreDriver core)
    {
        core.Give(new MembershipEffect.NodeDown(Other));
        core.Advance(TimeSpan.Zero);
        core.Give(new MembershipEffect.NodeReturned(PeerRecord));
    }

    /// <summary>Alice, who is ours, and one presence of the peer.</summary>
    private static PublishedState BeforeTheCrash()
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Track("alice");
        var turn = Assert.Single(core.Give(PeerDots(0, 1)).OfType<ReplicationEffect.Publish>()).Turn;
        return new PublishedState(
            turn.Version, [turn.Diffs[0].After], ["alice", "peer's 1"], [new(new ReplicaId(Self, 0, 0), 1), new(PeerReplica, 1)]);
    }

    private static ReplicationInput.Replayed Replayed(int epoch = 1) => new(
        epoch,
        [new Presence(new ReplicaId(Self, 0, 0), 1, Id("alice"), "ref of alice", Meta.Empty, TimeSpan.Zero)], [], IsLast: true);

    private static WriteResult Written(IEnumerable<ReplicationEffect> effects) =>
        Assert.Single(Assert.Single(effects.OfType<ReplicationEffect.Written>()).Results);

    private static bool IsContext(ReplicationEffect effect) =>
        effect is ReplicationEffect.PublishContext or ReplicationEffect.ForgetContext;

    private static IEnumerable<GossipInput> Told(IEnumerable<ReplicationEffect> effects) =>
        effects.OfType<ReplicationEffect.TellGossip>().Select(effect => effect.Input);

    private static IEnumerable<(ulong From, ulong To)> Pushed(IEnumerable<ReplicationEffect> effects) =>
        Told(effects).OfType<GossipInput.LocalChange>().SelectMany(change => change.Deltas).Select(delta => (delta.From, delta.To));

    private static IEnumerable<string> Joined(IEnumerable<ReplicationEffect> effects) =>
        effects.OfType<ReplicationEffect.Publish>().SelectMany(effect => effect.Turn.Diffs).SelectMany(diff => diff.Joins).Select(presence => presence.Key);
}
