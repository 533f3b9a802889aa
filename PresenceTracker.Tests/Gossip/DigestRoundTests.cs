using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

public sealed class DigestRoundTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void While_something_changes_two_random_peers_get_a_root_about_every_200_ms()
    {
        var peers = Enumerable.Range(0, 20).Select(i => Node($"peer{i:00}", counter: 1_000)).ToArray();
        var core = Synced(null, peers);
        core.Hold(Replica(B), 0);
        core.Advance(10 * Second);
        var roots = new List<NodeId>();
        for (var i = 1ul; i <= 100; i++)
        {
            core.Give(new GossipInput.ContextMoved(Replica(B), At(i)));
            roots.AddRange(core.Advance(0.1 * Second).Receivers<GossipMessage.DigestRoot>());
        }

        Assert.InRange(roots.Count, 2 * 10_000 / 220, 2 * 10_000 / 180);
        Assert.Equal(20, roots.Distinct().Count());
        Assert.InRange(roots.GroupBy(peer => peer).Max(group => group.Count()), 5, 15);
        Assert.All(roots.Chunk(2), round => Assert.NotEqual(round[0], round[1]));
    }

    [Fact]
    public void Rounds_are_spread_by_a_jitter_of_a_fifth()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B), 0);
        core.Advance(0.5 * Second);
        var gaps = new SortedSet<TimeSpan>();
        var last = core.Now;
        for (var i = 1ul; i <= 5_000; i++)
        {
            core.Give(new GossipInput.ContextMoved(Replica(B), At(i)));
            if (core.Advance(TimeSpan.FromMilliseconds(1)).Sent<GossipMessage.DigestRoot>().Count > 0)
            {
                gaps.Add(core.Now - last);
                last = core.Now;
            }
        }

        gaps.Remove(gaps.First());
        Assert.InRange(gaps.Min, TimeSpan.FromMilliseconds(159), TimeSpan.FromMilliseconds(185));
        Assert.InRange(gaps.Max, TimeSpan.FromMilliseconds(215), TimeSpan.FromMilliseconds(241));
    }

    [Fact]
    public void After_two_quiet_seconds_rounds_stop_and_the_root_rests_until_something_changes()
    {
        var core = Synced(null, B, C, D);
        core.Hold(Replica(B), 0);
        core.Give(new GossipInput.ContextMoved(Replica(B), At(1)));
        var root = Assert.Single(core.Advance(2.3 * Second).OfType<GossipEffect.RootRests>()).Root;

        Assert.NotNull(root);
        Assert.Empty(core.Advance(30 * Second).OfType<GossipEffect.SendMessage>());
        Assert.Null(Assert.Single(core.Give(new GossipInput.ContextMoved(Replica(B), At(2))).OfType<GossipEffect.RootRests>()).Root);
        Assert.NotEqual(root, Assert.Single(core.Advance(2.5 * Second).OfType<GossipEffect.RootRests>()).Root);
    }

    [Fact]
    public void A_peer_whose_root_differs_is_sent_the_own_one_at_once_and_rounds_go_on()
    {
        var core = Idle();

        Assert.Equal([B], core.Give(new GossipInput.RootDiffers(B)).Receivers<GossipMessage.DigestRoot>());
        Assert.InRange(core.Advance(Second).Sent<GossipMessage.DigestRoot>().Count, 8, 14);
        Assert.Empty(core.Give(new GossipInput.RootDiffers(D)));
    }

    [Fact]
    public void A_moved_context_starts_the_rounds_again_within_one_interval()
    {
        var core = Idle();

        core.Give(new GossipInput.ContextMoved(Replica(B), At(1)));

        Assert.NotEmpty(core.Advance(0.2 * Second).Sent<GossipMessage.DigestRoot>());
        Assert.InRange(core.Advance(1.6 * Second).Sent<GossipMessage.DigestRoot>().Count, 12, 22);
    }

    [Fact]
    public void An_unequal_root_starts_the_rounds_again()
    {
        var core = Idle();

        core.Receive(B, new GossipMessage.DigestRoot(12345, 0, Synced: true));

        Assert.InRange(core.Advance(Second).Sent<GossipMessage.DigestRoot>().Count, 8, 14);
    }

    [Fact]
    public void A_new_replica_a_removed_one_and_a_new_peer_start_the_rounds_again()
    {
        GossipInput[] inputs =
        [
            new GossipInput.ReplicaAdded(Replica(C), At(4)),
            new GossipInput.ReplicaRemoved(Replica(B)),
            new GossipInput.PeerUp(D),
        ];
        foreach (var input in inputs)
        {
            var core = Idle();
            core.Give(input);
            Assert.InRange(core.Advance(Second).Sent<GossipMessage.DigestRoot>().Count, 8, 14);
        }
    }

    [Fact]
    public void What_changes_nothing_leaves_the_rounds_stopped()
    {
        var core = Idle();
        core.Give(new GossipInput.ContextMoved(Replica(B), At(0)));
        core.Give(new GossipInput.ContextMoved(Replica(D), At(5)));
        core.Receive(B, new GossipMessage.DigestEqual(Synced: true));
        core.Receive(B, new GossipMessage.DigestContexts(1, [0], [new(Replica(B), 0)], Reply: false, Synced: true));

        Assert.Empty(core.Advance(5 * Second).OfType<GossipEffect.SendMessage>());
    }

    [Fact]
    public void A_suspect_is_left_out_of_the_rounds_and_gets_one_root_a_second()
    {
        var core = Synced(null, B, C);
        core.Hold(Replica(B), 0);
        core.Give(new GossipInput.PeerSuspected(B));
        var roots = new List<NodeId>();
        for (var i = 1ul; i <= 50; i++)
        {
            core.Give(new GossipInput.ContextMoved(Replica(B), At(i)));
            roots.AddRange(core.Advance(0.1 * Second).Receivers<GossipMessage.DigestRoot>());
        }

        Assert.Equal(5, roots.Count(peer => peer == B));
        Assert.InRange(roots.Count(peer => peer == C), 20, 30);
    }

    [Fact]
    public void Nothing_is_sent_before_the_start_but_the_root_to_a_new_peer()
    {
        var core = new CoreDriver();
        core.Give(new GossipInput.PeerUp(B));
        core.Hold(Replica(B), 4);

        Assert.Empty(core.Advance(10 * Second));
    }

    [Fact]
    public void A_timer_that_was_not_scheduled_is_ignored()
    {
        var core = Idle();
        GossipTimer[] timers =
        [
            new GossipTimer.Round(ulong.MaxValue), new GossipTimer.Beat(ulong.MaxValue), new GossipTimer.AckDue(B, ulong.MaxValue),
            new GossipTimer.AckDue(D, 1), new GossipTimer.PullOverdue(Replica(B), ulong.MaxValue), new GossipTimer.SyncDue(ulong.MaxValue),
            new GossipTimer.DigestOverdue(B, ulong.MaxValue), new GossipTimer.DigestOverdue(D, 1),
        ];

        Assert.All(timers, timer => Assert.Empty(core.Give(new GossipInput.TimerFired(timer))));
    }

    [Fact]
    public void Options_outside_their_range_are_refused_by_name()
    {
        Assert.Equal("ShardCount", Refused(new GossipOptions { ShardCount = 257 }));
        Assert.Equal("FanOut", Refused(new GossipOptions { FanOut = 0 }));
        Assert.Equal("RoundInterval", Refused(new GossipOptions { RoundInterval = TimeSpan.Zero }));

        static string? Refused(GossipOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new CoreDriver(options)).ParamName;
    }

    private static CoreDriver Idle()
    {
        var core = Synced(null, B, C);
        core.Hold(Replica(B), 0);
        core.Advance(4.5 * Second);
        Assert.Empty(core.Advance(3 * Second).OfType<GossipEffect.SendMessage>());
        return core;
    }
}
