using PresenceTracker.Protocol.Gossip;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

public sealed class PushReceiptTests
{
    private static readonly TimeSpan AckDelay = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void A_push_goes_to_its_shard_and_is_acknowledged_50_ms_after_the_shard_is_done()
    {
        var core = Receiver();
        var dots = Delta(Replica(B), 0, 1);

        Assert.Equal([new GossipEffect.DeliverDots(dots, B, 1)], core.Receive(B, new GossipMessage.Push(1, dots)));
        Assert.Empty(core.Advance(AckDelay).Sent<GossipMessage.PushAck>());

        core.Give(new GossipInput.PushHandled(B, 1));
        Assert.Empty(core.Advance(0.99 * AckDelay).Sent<GossipMessage.PushAck>());
        Assert.Equal([new GossipMessage.PushAck(1)], core.Advance(0.01 * AckDelay).Sent<GossipMessage.PushAck>(B));
        Assert.Empty(core.Advance(10 * AckDelay).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void One_acknowledgement_covers_all_that_was_handled_meanwhile()
    {
        var core = Receiver();
        for (var number = 1ul; number <= 20; number++)
        {
            Push(core, number);
            core.Give(new GossipInput.PushHandled(B, number));
        }

        Assert.Equal([new GossipMessage.PushAck(20)], core.Advance(AckDelay).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void The_acknowledgement_waits_for_the_lowest_push_that_is_still_with_a_shard()
    {
        var core = Receiver();
        Push(core, 1);
        Push(core, 2);
        Push(core, 3);
        core.Give(new GossipInput.PushHandled(B, 3));
        core.Give(new GossipInput.PushHandled(B, 2));
        Assert.Empty(core.Advance(4 * AckDelay).Sent<GossipMessage.PushAck>());

        core.Give(new GossipInput.PushHandled(B, 1));
        Assert.Equal([new GossipMessage.PushAck(3)], core.Advance(AckDelay).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void What_was_lost_in_between_is_acknowledged_with_what_came_after_it()
    {
        var core = Receiver();
        Push(core, 1);
        Push(core, 5);
        core.Give(new GossipInput.PushHandled(B, 1));
        Assert.Equal([new GossipMessage.PushAck(4)], core.Advance(AckDelay).Sent<GossipMessage.PushAck>());

        core.Give(new GossipInput.PushHandled(B, 5));
        Assert.Equal([new GossipMessage.PushAck(5)], core.Advance(AckDelay).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void A_lost_tail_is_acknowledged_at_once_when_the_root_names_the_last_push()
    {
        var core = Receiver();
        Push(core, 1);
        core.Give(new GossipInput.PushHandled(B, 1));

        Assert.Equal([new GossipMessage.PushAck(3)], Root(core, lastPush: 3).Sent<GossipMessage.PushAck>(B));
        Assert.Empty(core.Advance(2 * AckDelay).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void A_root_acknowledges_nothing_that_is_still_with_a_shard()
    {
        var core = Receiver();
        Push(core, 1);

        Assert.Empty(Root(core, lastPush: 1).Sent<GossipMessage.PushAck>());

        Push(core, 2);
        core.Give(new GossipInput.PushHandled(B, 1));
        Assert.Equal([new GossipMessage.PushAck(1)], Root(core, lastPush: 4).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void A_lost_acknowledgement_is_repeated_while_the_sender_waits_and_only_then()
    {
        var core = Receiver();
        Push(core, 1);
        core.Give(new GossipInput.PushHandled(B, 1));
        Assert.Single(core.Advance(AckDelay).Sent<GossipMessage.PushAck>());

        Assert.Equal([new GossipMessage.PushAck(1)], Root(core, lastPush: 1).Sent<GossipMessage.PushAck>());
        Assert.Empty(Root(core, lastPush: 0).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void From_64_KB_on_what_is_handled_is_acknowledged_at_once()
    {
        var core = Receiver();
        for (var number = 1ul; number <= 7; number++)
        {
            core.Receive(B, new GossipMessage.Push(number, Delta(Replica(B), number - 1, number, bytes: 10_000)));
        }

        for (var number = 1ul; number <= 6; number++)
        {
            Assert.Empty(core.Give(new GossipInput.PushHandled(B, number)).Sent<GossipMessage.PushAck>());
        }

        Assert.Equal([new GossipMessage.PushAck(7)], core.Give(new GossipInput.PushHandled(B, 7)).Sent<GossipMessage.PushAck>());
        Assert.Empty(core.Advance(2 * AckDelay).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void A_sender_that_counts_from_one_again_is_acknowledged_by_its_new_numbers()
    {
        var core = Receiver();
        Push(core, 500);
        core.Give(new GossipInput.PushHandled(B, 500));
        core.Advance(AckDelay);
        Push(core, 501);

        Push(core, 1);
        Push(core, 2);
        core.Give(new GossipInput.PushHandled(B, 501));
        core.Give(new GossipInput.PushHandled(B, 1));
        Assert.Equal([new GossipMessage.PushAck(1)], core.Advance(AckDelay).Sent<GossipMessage.PushAck>());

        Assert.Equal([new GossipMessage.PushAck(1)], Root(core, lastPush: 1).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void A_push_of_a_replica_that_is_not_held_is_dropped_and_acknowledged()
    {
        var core = Receiver();

        var effects = core.Receive(B, new GossipMessage.Push(1, Delta(Replica(D), 0, 1)));

        Assert.Empty(effects.OfType<GossipEffect.DeliverDots>());
        Assert.Empty(effects.Violations());
        Assert.Equal([new GossipMessage.PushAck(1)], core.Advance(AckDelay).Sent<GossipMessage.PushAck>());
    }

    [Fact]
    public void A_push_of_our_own_replica_is_dropped_and_counted()
    {
        var core = Receiver();
        core.Hold(Replica(Self), 5);

        var effects = core.Receive(B, new GossipMessage.Push(1, Delta(Replica(Self), 5, 6)));

        Assert.Empty(effects.OfType<GossipEffect.DeliverDots>());
        Assert.Equal([GossipViolation.OwnReplica], effects.Violations());
    }

    [Fact]
    public void A_push_without_a_number_is_dropped_and_counted()
    {
        var effects = Receiver().Receive(B, new GossipMessage.Push(0, Delta(Replica(B), 0, 1)));

        Assert.Equal([new GossipEffect.ReportViolation(GossipViolation.MalformedPush, B)], effects);
    }

    [Fact]
    public void A_peer_that_ignores_its_window_fills_no_more_memory_than_8192_pushes()
    {
        var core = Receiver();
        for (var number = 1ul; number <= 8_192; number++)
        {
            Push(core, number);
        }

        var effects = core.Receive(B, new GossipMessage.Push(8_193, Delta(Replica(B), 0, 1)));
        Assert.Equal([new GossipEffect.ReportViolation(GossipViolation.MalformedPush, B)], effects);

        core.Give(new GossipInput.PushHandled(B, 1));
        Assert.Single(core.Receive(B, new GossipMessage.Push(8_194, Delta(Replica(B), 0, 1))).OfType<GossipEffect.DeliverDots>());
    }

    [Fact]
    public void Every_message_of_a_node_that_is_no_peer_is_dropped_and_counted()
    {
        var core = Receiver();
        GossipMessage[] messages =
        [
            new GossipMessage.Push(1, Delta(Replica(B), 0, 1)),
            new GossipMessage.PushAck(1),
            new GossipMessage.DigestRoot(1, 0, Synced: true),
            new GossipMessage.DigestEqual(Synced: true),
            new GossipMessage.DigestBuckets(1, [1, 2, 3, 4, 5, 6, 7, 8], Synced: true),
            new GossipMessage.DigestContexts(1, [0], [new ReplicaContext(Replica(B), 9)], Reply: true, Synced: true),
            new GossipMessage.Pull(1, Replica(B), At(0)),
            new GossipMessage.PullReply(1, Replica(B), Delta(Replica(B), 0, 1), Last: true),
        ];

        foreach (var message in messages)
        {
            Assert.Equal([new GossipEffect.ReportViolation(GossipViolation.NotAPeer, D)], core.Receive(D, message));
        }
    }

    private static CoreDriver Receiver()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B), 0);
        core.Advance(TimeSpan.FromSeconds(5));
        return core;
    }

    private static void Push(CoreDriver core, ulong number) =>
        core.Receive(B, new GossipMessage.Push(number, Delta(Replica(B), number - 1, number)));

    private static List<GossipEffect> Root(CoreDriver core, ulong lastPush) =>
        core.Receive(B, new GossipMessage.DigestRoot(0, lastPush, Synced: true));
}
