using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Topology;
using Xunit;
using static PresenceTracker.Tests.Topology.TopologyDriver;

namespace PresenceTracker.Tests.Topology;

/// <summary>When a node speaks to all others, and when to its neighbours.</summary>
public sealed class TopologyCoreTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Up_to_the_limit_a_node_asks_nobody_and_refuses_everybody()
    {
        var node = new TopologyDriver(limit: 4);
        node.Up(1, 2, 3);
        node.Advance(60 * Second);
        Assert.Empty(node.Take<TopologyEffect>());

        node.Link(1);

        var sent = Assert.Single(node.Take<TopologyEffect.SendOverlay>());
        Assert.Equal((Node(1), new OverlayMessage.NeighborReply(1, IsGranted: false)), (sent.To, sent.Message));
    }

    [Fact]
    public void Beyond_it_a_node_joins_via_another_and_speaks_to_its_neighbours_alone_once_it_has_had_some_for_a_while()
    {
        var node = new TopologyDriver(limit: 4);
        node.Up(1, 2, 3, 4);
        var join = Assert.Single(node.Take<TopologyEffect.SendOverlay>());
        var token = Assert.IsType<OverlayMessage.Join>(join.Message).Token;
        node.Advance(0.5 * Second);

        node.Give(new TopologyInput.OverlayReceived(join.To, new OverlayMessage.NeighborReply(token, IsGranted: true)));
        node.Advance(1.9 * Second);
        Assert.Empty(node.Take<TopologyEffect.LinksChanged>());
        node.Advance(0.1 * Second);

        Assert.Equal([join.To], node.TakeLinks()!);
        var other = join.To == Node(1) ? 2 : 1;
        node.Link(other);
        Assert.Equal(new[] { join.To, Node(other) }.Order(), node.TakeLinks()!);
    }

    [Fact]
    public void A_node_goes_back_below_four_fifths_of_the_limit_at_once_and_still_passes_on_broadcasts_for_a_minute()
    {
        var node = Settled(limit: 5, others: 5, neighbors: [1, 2]);
        node.Leave(5);
        Assert.Empty(node.Take<TopologyEffect.LinksChanged>());
        node.Leave(4);
        Assert.Empty(node.Take<TopologyEffect.LinksChanged>());

        node.Leave(3);

        Assert.Null(node.TakeLinks());
        node.Advance(59 * Second);
        node.Take<TopologyEffect>();
        node.Receive(1, new BroadcastMessage.Gossip(new BroadcastId(Node(1), 1), 1, [7]));
        var effects = node.Take<TopologyEffect>();
        Assert.Equal((Node(1), Node(1)), Assert.Single(effects.OfType<TopologyEffect.Deliver>()) is var told ? (told.Origin, told.Via) : default);
        Assert.Equal(Node(2), Assert.Single(effects.OfType<TopologyEffect.SendBroadcast>()).To);

        node.Advance(2 * Second);

        Assert.Equal([Node(1), Node(2)], Disconnected(node).Order());
        Assert.Empty(node.Core.ActiveView);
    }

    [Fact]
    public void A_node_that_is_beyond_the_limit_again_within_that_minute_does_not_leave()
    {
        var node = Settled(limit: 5, others: 5, neighbors: [1, 2]);
        node.Leave(5);
        node.Leave(4);
        node.Leave(3);
        node.Up(3, 4, 5);
        node.Take<TopologyEffect>();

        node.Advance(120 * Second);

        Assert.Subset(new HashSet<NodeId>(node.Core.ActiveView), new HashSet<NodeId>([Node(1), Node(2)]));
    }

    [Fact]
    public void Without_neighbours_a_node_speaks_to_all()
    {
        var node = Settled(limit: 4, others: 4, neighbors: [1]);

        node.Give(new TopologyInput.PeerUnreachable(Node(1).Address));

        Assert.Null(node.TakeLinks());
    }

    [Fact]
    public void Who_is_no_member_is_not_heard_and_not_spoken_to_whoever_names_it()
    {
        var node = Settled(limit: 4, others: 5, neighbors: [1]);

        node.Link(99);
        node.Receive(99, new BroadcastMessage.Gossip(new BroadcastId(Node(99), 1), 1, [7]));
        Assert.Equal(
            [(OverlayViolation.NotAMember, Node(99)), (OverlayViolation.NotAMember, Node(99))],
            node.Take<TopologyEffect>().Select(effect => Assert.IsType<TopologyEffect.ReportOverlay>(effect)).Select(fault => (fault.Violation, fault.From)));

        node.Receive(1, new OverlayMessage.Shuffle(Node(1), 5, 0, [Node(98), Node(99), Node(2)]));
        node.Receive(1, new OverlayMessage.ForwardJoin(Node(99), 0));
        node.Advance(30 * Second);

        var sent = node.Take<TopologyEffect.SendOverlay>();
        Assert.Contains(sent, each => each.To == Node(2));
        Assert.DoesNotContain(sent, each => each.To == Node(98) || each.To == Node(99));
        Assert.DoesNotContain(node.Core.PassiveView, known => known == Node(99) || known == Node(98));
    }

    [Fact]
    public void A_node_that_is_down_is_no_neighbour_any_more()
    {
        var node = Settled(limit: 4, others: 6, neighbors: [1, 2]);

        node.Tell(new MembershipEffect.NodeDown(Node(1)));

        Assert.Equal([Node(2)], node.TakeLinks()!);
    }

    [Fact]
    public void A_node_that_has_returned_is_asked_in_lest_two_overlays_stay_apart_and_so_is_one_that_holds_something_else_at_rest()
    {
        // As many members as neighbours at most: then everybody asks.
        var node = Settled(limit: 4, others: 5, neighbors: [1]);
        node.Tell(new MembershipEffect.NodeDown(Node(4)));
        node.Advance(60 * Second);
        node.Take<TopologyEffect>();

        node.Tell(new MembershipEffect.NodeReturned(new NodeRecord(Node(4), 2, [])));
        Assert.Contains(node.Take<TopologyEffect.SendOverlay>(), sent => sent.To == Node(4) && sent.Message is OverlayMessage.Join);

        node.Tell(new MembershipEffect.RootDiffers(Node(3)));
        Assert.Contains(node.Take<TopologyEffect.SendOverlay>(), sent => sent.To == Node(3) && sent.Message is OverlayMessage.Join);
    }

    [Fact]
    public void Under_a_higher_counter_a_node_begins_anew_and_timers_of_the_former_life_say_nothing()
    {
        var node = Settled(limit: 4, others: 4, neighbors: [1, 2]);
        var next = Node(0, counter: 101);

        node.Tell(new MembershipEffect.SelfRaised(Self, next));

        var effects = node.Take<TopologyEffect>();
        Assert.Equal(next, node.Core.Self);
        Assert.Null(Assert.Single(effects.OfType<TopologyEffect.LinksChanged>()).Neighbors);
        Assert.Single(effects.OfType<TopologyEffect.SendOverlay>(), sent => sent.Message is OverlayMessage.Join);
        node.Link(3);
        node.Advance(2 * Second);
        Assert.Equal([Node(3)], node.TakeLinks()!);
    }

    /// <summary>A node that speaks to these neighbours alone, and of which nothing else was asked.</summary>
    private static TopologyDriver Settled(int limit, int others, int[] neighbors)
    {
        var node = new TopologyDriver(limit);
        node.Up([.. Enumerable.Range(1, others)]);
        foreach (var neighbor in neighbors)
        {
            node.Link(neighbor);
        }

        node.Advance(2 * Second);
        Assert.Equal(neighbors.Select(number => Node(number)), node.TakeLinks()!);
        return node;
    }

    private static IEnumerable<NodeId> Disconnected(TopologyDriver node) =>
        node.Take<TopologyEffect.SendOverlay>().Where(sent => sent.Message is OverlayMessage.Disconnect).Select(sent => sent.To).Distinct();
}
