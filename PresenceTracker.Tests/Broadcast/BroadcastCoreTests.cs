using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using Xunit;
using static PresenceTracker.Tests.Broadcast.BroadcastDriver;

namespace PresenceTracker.Tests.Broadcast;

/// <summary>The tree and its repair, effect by effect.</summary>
public sealed class BroadcastCoreTests
{
    private static readonly NodeId Ann = Node("ann");
    private static readonly NodeId Bob = Node("bob");
    private static readonly NodeId Cid = Node("cid");
    private static readonly NodeId Far = Node("far");

    private readonly BroadcastDriver _node = new();

    [Fact]
    public void What_is_published_goes_to_every_eager_neighbour_and_is_numbered()
    {
        _node.Connect(Ann, Bob);

        _node.Publish([1, 2]);
        _node.Publish([3]);

        foreach (var peer in new[] { Ann, Bob })
        {
            var gossip = _node.TakeMessage<BroadcastMessage.Gossip>(peer);
            Assert.Equal((new BroadcastId(Self, 1), 1), (gossip.Id, gossip.Hops));
            Assert.Equal([1, 2], gossip.Payload.ToArray());
        }

        Assert.Equal(new BroadcastId(Self, 2), _node.TakeMessage<BroadcastMessage.Gossip>(Ann).Id);
        Assert.Equal(new BroadcastId(Self, 2), _node.TakeMessage<BroadcastMessage.Gossip>(Bob).Id);
        _node.TakeNothing();
    }

    [Fact]
    public void What_comes_first_is_delivered_and_passed_on_and_what_comes_again_makes_its_link_lazy()
    {
        _node.Connect(Ann, Bob, Cid);

        _node.Receive(Ann, Payload(Far, hops: 3));
        var delivered = _node.Take<BroadcastEffect.Deliver>();
        Assert.Equal((Id(Far), 3), (delivered.Id, delivered.Hops));
        Assert.Equal(4, _node.TakeMessage<BroadcastMessage.Gossip>(Bob).Hops);
        _node.TakeMessage<BroadcastMessage.Gossip>(Cid);
        _node.TakeNothing();

        _node.Receive(Bob, Payload(Far, hops: 2));
        _node.TakeMessage<BroadcastMessage.Prune>(Bob);
        _node.TakeNothing();
        Assert.Equal([Ann, Cid], _node.Core.EagerPeers);

        _node.Receive(Cid, new BroadcastMessage.Prune());
        _node.TakeNothing();
        Assert.Equal([Ann], _node.Core.EagerPeers);
    }

    [Fact]
    public void A_lazy_neighbour_is_told_together_of_all_that_it_was_not_sent_also_if_it_is_eager_again_by_then()
    {
        _node.Connect(Ann, Bob);
        _node.Receive(Bob, new BroadcastMessage.Prune());
        _node.Receive(Ann, Payload(Far, 1, hops: 2));
        _node.Take<BroadcastEffect.Deliver>();
        var due = _node.TakeTimer<BroadcastTimer.AnnounceDue>();
        _node.Receive(Ann, Payload(Far, 2, hops: 5));
        _node.Take<BroadcastEffect.Deliver>();
        _node.TakeNothing();
        _node.Receive(Bob, new BroadcastMessage.Graft(null));

        _node.Fire(due);
        Assert.Equal(
            [new Announcement(Id(Far, 1), 3), new Announcement(Id(Far, 2), 6)], _node.TakeMessage<BroadcastMessage.IHave>(Bob).Announcements.ToArray());
        _node.TakeNothing();
        _node.Fire(due);
        _node.TakeNothing();
    }

    [Fact]
    public void What_was_announced_and_has_not_come_is_asked_for_from_one_announcer_after_the_other()
    {
        _node.Connect(Ann, Bob, Cid);
        _node.Receive(Ann, new BroadcastMessage.Prune());
        _node.Receive(Ann, IHave(Id(Far)));
        var first = _node.TakeTimer<BroadcastTimer.GraftDue>();
        _node.Receive(Bob, IHave(Id(Far)));
        _node.Receive(Cid, IHave(Id(Far)));
        _node.Receive(Ann, IHave(Id(Far)));
        _node.Give(new BroadcastInput.NeighborDown(Bob));
        _node.TakeNothing();

        _node.Fire(first);
        Assert.Equal(Id(Far), _node.TakeMessage<BroadcastMessage.Graft>(Ann).Missing);
        var second = _node.TakeTimer<BroadcastTimer.GraftDue>();
        Assert.Contains(Ann, _node.Core.EagerPeers);
        _node.Fire(first);
        _node.TakeNothing();

        // Bob has gone meanwhile.
        _node.Fire(second);
        _node.TakeMessage<BroadcastMessage.Graft>(Cid);
        var third = _node.TakeTimer<BroadcastTimer.GraftDue>();
        _node.Receive(Cid, Payload(Far));
        Assert.Equal(Id(Far), _node.Take<BroadcastEffect.Deliver>().Id);
        _node.TakeRest();
        _node.Fire(third);
        _node.TakeNothing();
    }

    [Fact]
    public void Who_asks_for_what_was_announced_gets_it_and_the_link_becomes_eager()
    {
        _node.Connect(Ann, Bob);
        _node.Receive(Bob, new BroadcastMessage.Prune());
        _node.Receive(Ann, Payload(Far, hops: 2));
        _node.TakeRest();

        _node.Receive(Bob, new BroadcastMessage.Graft(Id(Far)));
        Assert.Equal(3, _node.TakeMessage<BroadcastMessage.Gossip>(Bob).Hops);
        Assert.Equal([Ann, Bob], _node.Core.EagerPeers);
        _node.Receive(Bob, new BroadcastMessage.Graft(Id(Far, 2)));
        _node.TakeNothing();
    }

    [Fact]
    public void A_lazy_link_that_is_much_shorter_takes_the_place_of_the_eager_one()
    {
        _node.Connect(Ann, Bob);
        _node.Receive(Bob, new BroadcastMessage.Prune());
        _node.Receive(Ann, Payload(Far, hops: 9));
        _node.TakeRest();

        _node.Receive(Bob, new BroadcastMessage.IHave([new Announcement(Id(Far), 3)]));
        _node.TakeNothing();
        _node.Receive(Bob, new BroadcastMessage.IHave([new Announcement(Id(Far), 2)]));
        Assert.Null(_node.TakeMessage<BroadcastMessage.Graft>(Bob).Missing);
        _node.TakeMessage<BroadcastMessage.Prune>(Ann);
        _node.TakeNothing();
        Assert.Equal([Bob], _node.Core.EagerPeers);
    }

    [Fact]
    public void A_new_neighbour_is_eager_and_one_that_is_gone_gets_nothing()
    {
        _node.Connect(Ann, Bob);
        _node.Receive(Ann, new BroadcastMessage.Prune());
        _node.Give(new BroadcastInput.NeighborDown(Ann));
        _node.Give(new BroadcastInput.NeighborDown(Bob));
        _node.Connect(Ann);

        _node.Publish([1]);
        _node.TakeMessage<BroadcastMessage.Gossip>(Ann);
        _node.TakeNothing();
    }

    [Fact]
    public void From_who_is_no_neighbour_only_payloads_are_taken_and_all_is_counted()
    {
        var report = new BroadcastEffect.ReportViolation(BroadcastViolation.NotANeighbor, Ann);
        _node.Receive(Ann, Payload(Far));
        Assert.Equal(report, _node.Take<BroadcastEffect.ReportViolation>());
        Assert.Equal(Id(Far), _node.Take<BroadcastEffect.Deliver>().Id);

        foreach (var message in new BroadcastMessage[] { IHave(Id(Bob)), new BroadcastMessage.Graft(Id(Far)), new BroadcastMessage.Prune(), Payload(Far) })
        {
            _node.Receive(Ann, message);
            Assert.Equal(report, _node.Take<BroadcastEffect.ReportViolation>());
            _node.TakeNothing();
        }
    }

    [Fact]
    public void What_no_correct_node_sends_is_counted_and_changes_nothing()
    {
        _node.Connect(Ann, Bob);
        _node.Publish([1]);
        _node.TakeRest();
        (BroadcastMessage Message, BroadcastViolation Violation)[] wrong =
        [
            (Payload(Far, sequence: 0), BroadcastViolation.Malformed),
            (Payload(Far, hops: 0), BroadcastViolation.Malformed),
            (Payload(Far, hops: 1_001), BroadcastViolation.Malformed),
            (Payload(Far, bytes: (60 * 1024) + 1), BroadcastViolation.Malformed),
            (IHave(Id(Far), Id(Far, 0)), BroadcastViolation.Malformed),
            (IHave([.. Enumerable.Range(1, 201).Select(sequence => Id(Far, (ulong)sequence))]), BroadcastViolation.Malformed),
            (Payload(Self, sequence: 2), BroadcastViolation.OwnBroadcast),
            (IHave(Id(Self, 2)), BroadcastViolation.OwnBroadcast),
        ];

        Assert.All(wrong, one =>
        {
            _node.Receive(Ann, one.Message);
            Assert.Equal(new BroadcastEffect.ReportViolation(one.Violation, Ann), _node.Take<BroadcastEffect.ReportViolation>());
            _node.TakeNothing();
        });
        _node.Receive(Ann, Payload(Self));
        _node.TakeMessage<BroadcastMessage.Prune>(Ann);
        _node.TakeNothing();
    }

    [Fact]
    public void Too_large_a_payload_is_refused_with_its_size_the_limit_and_the_option()
    {
        var node = new BroadcastDriver(new BroadcastOptions { PayloadBytesMax = 10 });

        var refusal = Assert.Throws<ArgumentException>(() => node.Publish([.. new byte[11]]));

        Assert.Equal("a payload has at most 10 bytes (PayloadBytesMax), but this has 11", refusal.Message);
        Assert.Equal(
            "StoredBytesMax",
            Assert.Throws<ArgumentOutOfRangeException>(() => new BroadcastCore(new BroadcastOptions { StoredBytesMax = 1 }, Self)).ParamName);
    }
}
