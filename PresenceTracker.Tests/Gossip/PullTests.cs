using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;
using static PresenceTracker.Tests.Gossip.PullSteps;

namespace PresenceTracker.Tests.Gossip;

public sealed class PullTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_higher_context_is_pulled_from_where_we_stand()
    {
        var core = Synced(null, B);
        core.Give(new GossipInput.ReplicaAdded(Wanted, At(5, coveredTo: 8)));

        var pull = Assert.Single(Offer(core, B, 9).Sent<GossipMessage.Pull>(B));

        Assert.Equal((Wanted, At(5, coveredTo: 8)), (pull.Replica, pull.Position));
    }

    [Fact]
    public void An_equal_or_lower_context_is_not_pulled()
    {
        var core = Puller(B);

        Assert.Empty(Offer(core, B, 5).Sent<GossipMessage.Pull>());
        Assert.Empty(Offer(core, B, 4).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void One_pull_is_outstanding_per_replica()
    {
        var core = Puller(B, C);
        Assert.Single(Offer(core, B, 9).Sent<GossipMessage.Pull>());

        Assert.Empty(Offer(core, C, 10).Sent<GossipMessage.Pull>());
        Assert.Empty(core.Give(new GossipInput.GapFound(Wanted, C)).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void A_gap_is_pulled_at_once_from_the_sender_of_the_push()
    {
        var core = Puller(B, C);

        Assert.Equal([C], core.Give(new GossipInput.GapFound(Wanted, C)).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void A_gap_of_a_replica_that_is_not_held_or_via_a_node_that_is_gone_is_not_pulled()
    {
        var core = Puller(B);

        Assert.Empty(core.Give(new GossipInput.GapFound(Wanted, C)));
        Assert.Empty(core.Give(new GossipInput.GapFound(Replica(C), B)));
    }

    [Fact]
    public void The_parts_of_an_answer_go_to_the_shard_and_after_the_last_is_applied_nothing_more_is_asked()
    {
        var core = Puller(B);
        var token = PullToken(Offer(core, B, 9));

        Assert.Equal([new GossipEffect.DeliverDots(Delta(Wanted, 5, 7, horizon: 9), B, 0)], Reply(core, B, token, Delta(Wanted, 5, 7, horizon: 9)));
        Reply(core, B, token, Delta(Wanted, 7, 9), isLast: true);
        Assert.Empty(Move(core, 7).Sent<GossipMessage.Pull>());
        Assert.Empty(Move(core, 9).Sent<GossipMessage.Pull>());
        Assert.Empty(core.Advance(5 * Second).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void When_an_answer_is_applied_and_more_is_known_the_same_peer_is_asked_again_at_once_from_the_new_position()
    {
        var core = Puller(B, C);
        var token = PullToken(Offer(core, B, 9));
        Offer(core, C, 30);
        Assert.Empty(Reply(core, B, token, Chunk(Wanted, 0, 4, asOf: 20), isLast: true).Sent<GossipMessage.Pull>());

        var effects = core.Give(new GossipInput.ContextMoved(Wanted, At(5, coveredTo: 5)));

        Assert.Equal(At(5, coveredTo: 5), Assert.Single(effects.Sent<GossipMessage.Pull>(B)).Position);
    }

    [Fact]
    public void An_answer_is_not_over_before_its_end_has_come()
    {
        var core = Puller(B);
        var token = PullToken(Offer(core, B, 9));
        Reply(core, B, token, Delta(Wanted, 5, 7, horizon: 9));

        Assert.Empty(Move(core, 7).Sent<GossipMessage.Pull>());
        Assert.Single(Reply(core, B, token, dots: Delta(Wanted, 5, 7, horizon: 9), isLast: true).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void A_delta_is_applied_only_when_the_context_has_reached_its_end()
    {
        var core = Synced(null, B);
        core.Give(new GossipInput.ReplicaAdded(Wanted, At(5, coveredTo: 100)));
        var token = PullToken(Offer(core, B, 9));
        Assert.Empty(Reply(core, B, token, Delta(Wanted, 5, 9, horizon: 20), isLast: true).Sent<GossipMessage.Pull>());

        var effects = core.Give(new GossipInput.ContextMoved(Wanted, At(9, coveredTo: 100)));
        Assert.Single(effects.Sent<GossipMessage.Pull>(B));
    }

    [Fact]
    public void A_late_answer_is_applied_as_data_and_does_not_end_the_pull_that_replaced_it()
    {
        var core = Puller(B, C);
        var stale = PullToken(Offer(core, B, Far));
        Offer(core, C, Far);
        var current = PullToken(core.Advance(Second));

        var effects = Reply(core, B, stale, Delta(Wanted, 5, 6, horizon: 9), isLast: true);
        Assert.Equal([new GossipEffect.DeliverDots(Delta(Wanted, 5, 6, horizon: 9), B, 0)], effects);
        Assert.Empty(Move(core, 6).Sent<GossipMessage.Pull>());

        // Another peer cannot end it either, even if it guesses the token.
        Assert.Empty(Reply(core, B, current, dots: null, isLast: true));
        Assert.Empty(core.Advance(0.99 * Second).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void A_late_answer_does_not_end_a_later_pull_from_the_same_peer()
    {
        var core = Puller(B, C);
        var stale = PullToken(Offer(core, B, Far));
        core.Advance(Second);
        Offer(core, B, Far);
        Offer(core, C, Far);

        Assert.Empty(Reply(core, B, stale, dots: null, isLast: true));
    }

    [Fact]
    public void A_timer_of_a_pull_that_is_over_is_ignored()
    {
        var core = Puller(B, C);
        var token = PullToken(Offer(core, B, Far));
        core.Advance(0.5 * Second);
        Reply(core, B, token, Delta(Wanted, 5, Far), isLast: true);
        Move(core, Far);
        Offer(core, B, 2 * Far);
        Offer(core, C, 2 * Far);

        // The first pull's timer would be due now.
        Assert.Empty(core.Advance(0.6 * Second).Sent<GossipMessage.Pull>());
        Assert.Equal([C], core.Advance(0.4 * Second).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void A_peer_that_has_nothing_newer_after_all_is_not_asked_again_but_another_is()
    {
        var core = Puller(B, C);
        var token = PullToken(Offer(core, B, Far + 1));
        Offer(core, C, Far);

        Assert.Equal([C], Reply(core, B, token, dots: null, isLast: true).Receivers<GossipMessage.Pull>());
        Assert.Empty(core.Advance(5 * Second).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void A_peer_that_answers_with_what_we_had_is_not_asked_for_ever()
    {
        var core = Puller(B);
        var token = PullToken(Offer(core, B, 9));

        Assert.Empty(Reply(core, B, token, Delta(Wanted, 0, 5, horizon: 9), isLast: true).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void When_the_asked_peer_is_gone_another_is_asked_at_once()
    {
        var core = Puller(B, C);
        Offer(core, B, 9);
        Offer(core, C, 8);

        Assert.Equal([C], core.Give(new GossipInput.PeerGone(B)).Receivers<GossipMessage.Pull>());
        Assert.Empty(core.Give(new GossipInput.PeerGone(C)).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void Nothing_more_is_asked_of_a_replica_that_was_removed()
    {
        var core = Puller(B, C);
        var token = PullToken(Offer(core, B, 9));
        Offer(core, C, 9);
        core.Give(new GossipInput.ReplicaRemoved(Wanted));

        Assert.Empty(Reply(core, B, token, Delta(Wanted, 5, 7, horizon: 9), isLast: true));
        Assert.Empty(core.Advance(5 * Second).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void A_bounded_number_of_replicas_is_pulled_at_one_time_and_the_others_follow()
    {
        var core = Synced(new GossipOptions { PullsMax = 2 }, B);
        for (var shard = 0; shard < 4; shard++)
        {
            core.Hold(Replica(D, shard), 0);
        }

        ReplicaContext[] offers = [.. Enumerable.Range(0, 4).Select(shard => new ReplicaContext(Replica(D, shard), 3))];
        var first = core.Receive(B, new GossipMessage.DigestContexts(1, [0, 1, 2, 3], [.. offers], Reply: false, Synced: true))
            .Sent<GossipMessage.Pull>();
        Assert.Equal([0, 1], first.Select(pull => pull.Replica.Shard));

        core.Receive(B, new GossipMessage.PullReply(first[1].Token, Replica(D, 1), Delta(Replica(D, 1), 0, 3), Last: true));
        var second = core.Give(new GossipInput.ContextMoved(Replica(D, 1), At(3))).Sent<GossipMessage.Pull>();
        Assert.Equal([2], second.Select(pull => pull.Replica.Shard));

        Assert.Equal([3], core.Give(new GossipInput.ReplicaRemoved(Replica(D, 0))).Sent<GossipMessage.Pull>().Select(pull => pull.Replica.Shard));
    }

    [Fact]
    public void A_pull_is_served_by_the_shard_and_answered_part_by_part_with_the_last_one_marked()
    {
        var core = Puller(B);

        var effects = core.Receive(B, new GossipMessage.Pull(77, Wanted, At(2, coveredTo: 3)));
        Assert.Equal([new GossipEffect.ServePull(B, 77, Wanted, At(2, coveredTo: 3))], effects);

        var (first, second) = (Delta(Wanted, 2, 4, horizon: 5), Delta(Wanted, 4, 5));
        Assert.Equal(
            [new GossipMessage.PullReply(77, Wanted, first, Last: false), new GossipMessage.PullReply(77, Wanted, second, Last: true)],
            core.Give(new GossipInput.PullServed(B, 77, Wanted, [first, second])).Sent<GossipMessage.PullReply>(B));
    }

    [Fact]
    public void A_pull_of_what_we_do_not_have_is_answered_by_nothing_newer()
    {
        var core = Puller(B);
        GossipEffect Nothing(ReplicaId replica) => new GossipEffect.SendMessage(B, new GossipMessage.PullReply(77, replica, null, Last: true));

        Assert.Equal([Nothing(Wanted)], core.Receive(B, new GossipMessage.Pull(77, Wanted, At(5))));
        Assert.Equal([Nothing(Replica(C))], core.Receive(B, new GossipMessage.Pull(77, Replica(C), At(0))));
        Assert.Equal([Nothing(Wanted)], core.Give(new GossipInput.PullServed(B, 77, Wanted, [])));
    }

    [Fact]
    public void What_a_shard_serves_for_a_peer_that_is_gone_is_not_sent()
    {
        var core = Puller(B);
        core.Give(new GossipInput.PeerGone(B));

        Assert.Empty(core.Give(new GossipInput.PullServed(B, 77, Wanted, [Delta(Wanted, 2, 4)])));
    }

    [Fact]
    public void An_answer_with_the_dots_of_another_replica_or_of_our_own_is_dropped_and_counted()
    {
        var core = Puller(B);
        core.Hold(Replica(Self), 3);
        core.Hold(Replica(C), 0);
        var token = PullToken(Offer(core, B, 9));

        var mismatch = core.Receive(B, new GossipMessage.PullReply(token, Wanted, Delta(Replica(C), 0, 1), Last: true));
        Assert.Equal([new GossipEffect.ReportViolation(GossipViolation.ReplicaMismatch, B)], mismatch);

        var own = core.Receive(B, new GossipMessage.PullReply(token, Replica(Self), Delta(Replica(Self), 3, 4), Last: true));
        Assert.Equal([new GossipEffect.ReportViolation(GossipViolation.OwnReplica, B)], own);
    }
}
