using PresenceTracker.Protocol.Gossip;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

public sealed class PushTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_local_change_is_pushed_at_once_to_every_peer_numbered_from_one()
    {
        var core = Synced(null, B, C);
        var first = Delta(Replica(Self), 0, 1);
        var second = Delta(Replica(Self), 1, 2);
        var third = Delta(Replica(Self, shard: 3), 0, 7);

        var effects = core.Push(first, second);
        effects.AddRange(core.Push(third));

        GossipMessage.Push[] expected = [new(1, first), new(2, second), new(3, third)];
        Assert.Equal(expected, effects.Sent<GossipMessage.Push>(B));
        Assert.Equal(expected, effects.Sent<GossipMessage.Push>(C));
        Assert.Equal(6, effects.Count);
    }

    [Fact]
    public void With_push_switched_off_a_local_change_is_not_sent()
    {
        var core = Synced(new GossipOptions { PushEnabled = false }, B);

        Assert.Empty(core.Push(Delta(Replica(Self), 0, 1)));
    }

    [Fact]
    public void A_suspect_gets_no_pushes_until_it_is_trusted_and_then_a_root_at_once()
    {
        var core = Synced(null, B, C);
        core.Give(new GossipInput.PeerSuspected(B));

        Assert.Equal([C], core.Push(Delta(Replica(Self), 0, 1)).Receivers<GossipMessage.Push>());

        Assert.Equal([B], core.Give(new GossipInput.PeerTrusted(B)).Receivers<GossipMessage.DigestRoot>());
        var push = Assert.Single(core.Push(Delta(Replica(Self), 1, 2)).Sent<GossipMessage.Push>(B));
        Assert.Equal(1ul, push.Number);
    }

    [Fact]
    public void A_peer_that_is_gone_gets_no_more_pushes_and_counts_from_one_when_it_returns()
    {
        var core = Synced(null, B);
        core.Push(Delta(Replica(Self), 0, 1));
        core.Give(new GossipInput.PeerGone(B));

        Assert.Empty(core.Push(Delta(Replica(Self), 1, 2)));

        core.Give(new GossipInput.PeerUp(B));
        Assert.Equal(1ul, Assert.Single(core.Push(Delta(Replica(Self), 2, 3)).Sent<GossipMessage.Push>(B)).Number);
    }

    [Fact]
    public void A_peer_with_a_full_window_gets_no_more_until_it_has_acknowledged_everything()
    {
        var core = Synced(null, B, C);
        var sent = 0ul;
        while (core.Push(Delta(Replica(Self), sent, sent + 1, bytes: 10_000)).Sent<GossipMessage.Push>(B).Count > 0)
        {
            sent++;
            core.Receive(C, new GossipMessage.PushAck(sent));
        }

        Assert.InRange((long)sent * 10_000, 240_000, 256 * 1024);

        // Half of it is not enough, and even a small push stays behind.
        core.Receive(B, new GossipMessage.PushAck(sent / 2));
        Assert.Equal([C], core.Push(Delta(Replica(Self), sent, sent + 1)).Receivers<GossipMessage.Push>());

        var reopened = core.Receive(B, new GossipMessage.PushAck(sent));
        Assert.Equal(0ul, Assert.Single(reopened.Sent<GossipMessage.DigestRoot>(B)).LastPush);
        Assert.Equal(sent + 1, Assert.Single(core.Push(Delta(Replica(Self), sent + 1, sent + 2)).Sent<GossipMessage.Push>(B)).Number);
    }

    [Fact]
    public void A_single_push_larger_than_the_window_is_still_sent()
    {
        var core = Synced(new GossipOptions { PushBytesMax = 1_000 }, B);

        Assert.Single(core.Push(Delta(Replica(Self), 0, 1, bytes: 2_000)).Sent<GossipMessage.Push>(B));
        Assert.Empty(core.Push(Delta(Replica(Self), 1, 2)));
    }

    [Fact]
    public void A_peer_that_leaves_a_push_unacknowledged_for_a_second_gets_no_more_and_one_root_a_second()
    {
        var core = Synced(null, B);
        core.Advance(5 * Second);
        core.Push(Delta(Replica(Self), 0, 1));
        core.Push(Delta(Replica(Self), 1, 2));
        core.Advance(1.001 * Second);

        Assert.Empty(core.Push(Delta(Replica(Self), 2, 3)));
        var roots = core.Advance(10 * Second).Sent<GossipMessage.DigestRoot>(B);
        Assert.Equal(10, roots.Count);
        Assert.All(roots, root => Assert.Equal(2ul, root.LastPush));

        core.Receive(B, new GossipMessage.PushAck(2));
        Assert.Single(core.Push(Delta(Replica(Self), 3, 4)).Sent<GossipMessage.Push>(B));
    }

    [Fact]
    public void A_peer_that_acknowledges_in_time_is_never_held_back()
    {
        var core = Synced(null, B);
        for (var sequence = 0ul; sequence < 100; sequence++)
        {
            Assert.Single(core.Push(Delta(Replica(Self), sequence, sequence + 1, bytes: 10_000)).Sent<GossipMessage.Push>(B));
            core.Advance(0.1 * Second);
            core.Receive(B, new GossipMessage.PushAck(sequence + 1));
        }
    }

    [Fact]
    public void An_acknowledgement_of_a_push_that_was_never_sent_is_counted_and_acknowledges_nothing()
    {
        var core = Synced(null, B);
        core.Push(Delta(Replica(Self), 0, 1));

        Assert.Equal([GossipViolation.AckOfUnsentPush], core.Receive(B, new GossipMessage.PushAck(2)).Violations());

        core.Advance(1.001 * Second);
        Assert.Empty(core.Push(Delta(Replica(Self), 1, 2)));
    }

    [Fact]
    public void A_late_acknowledgement_of_less_is_harmless()
    {
        var core = Synced(null, B);
        core.Push(Delta(Replica(Self), 0, 1), Delta(Replica(Self), 1, 2));
        core.Receive(B, new GossipMessage.PushAck(2));

        Assert.Empty(core.Receive(B, new GossipMessage.PushAck(1)));
        core.Advance(2 * Second);
        Assert.Single(core.Push(Delta(Replica(Self), 2, 3)).Sent<GossipMessage.Push>(B));
    }
}
