using PresenceTracker.Protocol.Gossip;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;
using static PresenceTracker.Tests.Gossip.PullSteps;

namespace PresenceTracker.Tests.Gossip;

/// <summary>How long an answer to a pull is waited for, and who is asked then.</summary>
public sealed class PullWaitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // The shortest wait for a small answer: a tenth of a round.
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void After_a_second_without_a_large_answer_another_peer_that_offered_more_is_asked()
    {
        var core = Puller(B, C);
        Offer(core, B, Far);
        Offer(core, C, Far - 2);

        Assert.Empty(core.Advance(0.99 * Second).Sent<GossipMessage.Pull>());
        Assert.Equal([C], core.Advance(0.01 * Second).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void Without_another_peer_the_next_digest_brings_the_next_pull()
    {
        var core = Puller(B);
        Offer(core, B, Far);

        Assert.Empty(core.Advance(5 * Second).Sent<GossipMessage.Pull>());
        Assert.Equal([B], Offer(core, B, Far).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void Each_part_of_an_answer_is_progress()
    {
        var core = Puller(B, C);
        var token = PullToken(Offer(core, B, Far));
        Offer(core, C, Far);
        core.Advance(0.9 * Second);
        Reply(core, B, token, Delta(Wanted, 5, 7, horizon: 9));

        Assert.Empty(core.Advance(0.9 * Second).Sent<GossipMessage.Pull>());
        Assert.Equal([C], core.Advance(0.11 * Second).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void When_a_small_answer_is_lost_another_peer_that_offered_more_is_asked_before_the_next_round()
    {
        var core = Puller(B, C);
        Offer(core, B, 9);
        Offer(core, C, 9);

        Assert.Empty(core.Advance(0.99 * ShortWait).Sent<GossipMessage.Pull>());
        Assert.Equal([C], core.Advance(0.01 * ShortWait).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void A_lone_silent_peer_is_asked_again_after_doubling_waits_and_for_a_second_in_all()
    {
        var core = Puller(B);
        Offer(core, B, 9);
        var asked = new List<double>();
        for (var passed = 0.0; passed < 5_000; passed += 20)
        {
            asked.AddRange(core.Advance(ShortWait).Receivers<GossipMessage.Pull>().Select(_ => passed + 20));
        }

        Assert.Equal([20, 60, 140, 300, 620], asked);
        Assert.Equal([B], Offer(core, B, 9).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void The_peers_that_were_silent_the_least_often_come_first()
    {
        var core = Puller(B, C);
        Offer(core, B, 9);
        Offer(core, C, 8);

        // B after 0 and 40 ms, C after 20 ms and, its wait having doubled, 80 ms.
        Assert.Equal([C, B, C], core.Advance(4 * ShortWait).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void A_peer_that_offers_again_and_again_and_does_not_answer_is_not_asked_more_often()
    {
        var core = Puller(B);
        Offer(core, B, 9);
        var asked = new List<double>();
        for (var passed = 0.0; passed < 900; passed += 20)
        {
            asked.AddRange(core.Advance(ShortWait).Receivers<GossipMessage.Pull>().Select(_ => passed + 20));
            Assert.Empty(Offer(core, B, 9).Receivers<GossipMessage.Pull>());
        }

        Assert.Equal([20, 60, 140, 300, 620], asked);
    }

    [Fact]
    public void A_peer_whose_answer_came_late_is_waited_for_longer_the_next_time()
    {
        var core = Puller(B, C);
        var late = PullToken(Offer(core, B, 9));
        Offer(core, C, 9);
        core.Advance(3 * ShortWait);
        Reply(core, B, late, Delta(Wanted, 5, 9), isLast: true);
        Move(core, 9);

        Assert.Equal([B], Offer(core, B, 12).Receivers<GossipMessage.Pull>());
        Offer(core, C, 12);
        Assert.Empty(core.Advance(5.9 * ShortWait).Sent<GossipMessage.Pull>());
        Assert.Equal([C], core.Advance(0.1 * ShortWait).Receivers<GossipMessage.Pull>());
    }

    [Fact]
    public void A_late_answer_that_brings_all_ends_the_pull_that_replaced_it_and_what_is_offered_then_is_pulled_at_once()
    {
        var core = Puller(B, C);
        var late = PullToken(Offer(core, B, 9));
        Offer(core, C, 9);
        var replacement = PullToken(core.Advance(ShortWait));

        Reply(core, B, late, Delta(Wanted, 5, 9), isLast: true);
        Assert.Empty(Move(core, 9).Sent<GossipMessage.Pull>());
        Assert.Equal([B], Offer(core, B, 12).Receivers<GossipMessage.Pull>());

        // The replacement's answer is data too, and no violation.
        Assert.Equal([new GossipEffect.DeliverDots(Delta(Wanted, 5, 9), C, 0)], Reply(core, C, replacement, Delta(Wanted, 5, 9), isLast: true));
    }

    [Fact]
    public void An_answer_that_has_begun_or_that_the_shard_is_applying_is_not_asked_for_again_soon()
    {
        var core = Puller(B, C);
        var token = PullToken(Offer(core, B, 9));
        Offer(core, C, 9);
        Reply(core, B, token, Delta(Wanted, 5, 7, horizon: 9));
        Assert.Empty(core.Advance(0.9 * Second).Sent<GossipMessage.Pull>());

        Reply(core, B, token, Delta(Wanted, 7, 9), isLast: true);
        Assert.Empty(core.Advance(0.9 * Second).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void In_the_middle_of_a_catch_up_by_chunks_the_answer_counts_as_large()
    {
        var core = Synced(null, B, C);
        core.Give(new GossipInput.ReplicaAdded(Wanted, At(5, coveredTo: 8)));
        Offer(core, B, 9);
        Offer(core, C, 9);

        Assert.Empty(core.Advance(0.99 * Second).Sent<GossipMessage.Pull>());
    }

    [Fact]
    public void A_gap_below_a_push_that_is_far_ahead_counts_as_large()
    {
        var core = Puller(B, C);
        core.Receive(B, new GossipMessage.Push(1, Delta(Wanted, Far - 1, Far)));
        Assert.Equal([B], core.Give(new GossipInput.GapFound(Wanted, B)).Receivers<GossipMessage.Pull>());
        Offer(core, C, 9);

        Assert.Empty(core.Advance(0.99 * Second).Sent<GossipMessage.Pull>());
    }
}
