using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;
using Xunit;

namespace PresenceTracker.Tests.Overlay;

/// <summary>Joins, shuffles, and what no correct peer would send, effect by effect.</summary>
public sealed class WalkTests
{
    private static readonly NodeId Ann = OverlayDriver.Node("ann");
    private static readonly NodeId Bob = OverlayDriver.Node("bob");

    private readonly OverlayDriver _node = new();

    [Fact]
    public void A_newcomer_is_taken_in_and_a_walk_begins_at_each_other_neighbour_once()
    {
        var neighbors = _node.Fill(3);

        _node.Receive(Ann, new OverlayMessage.Join(9));
        Assert.Equal(new OverlayMessage.NeighborReply(9, IsGranted: true), _node.TakeMessage<OverlayMessage.NeighborReply>(Ann));
        Assert.Equal(Ann, _node.Take<OverlayEffect.NeighborUp>().Peer);
        foreach (var neighbor in neighbors)
        {
            Assert.Equal(new OverlayMessage.ForwardJoin(Ann, 6), _node.TakeMessage<OverlayMessage.ForwardJoin>(neighbor));
        }

        _node.TakeNothing();
        _node.Receive(Ann, new OverlayMessage.Join(10));
        Assert.Equal(new OverlayMessage.NeighborReply(10, IsGranted: true), _node.TakeMessage<OverlayMessage.NeighborReply>(Ann));
        _node.TakeNothing();
    }

    [Fact]
    public void A_walk_goes_on_to_another_than_the_sender_and_leaves_the_newcomer_in_one_passive_view_on_its_way()
    {
        var neighbors = _node.Fill();

        _node.Receive(neighbors[0], new OverlayMessage.ForwardJoin(Ann, 4));
        Assert.Empty(_node.Core.PassiveView);
        var first = _node.Take<OverlayEffect.SendMessage>();
        Assert.Contains(first.To, neighbors[1..]);
        Assert.Equal(new OverlayMessage.ForwardJoin(Ann, 3), first.Message);

        _node.Receive(neighbors[0], new OverlayMessage.ForwardJoin(Ann, 3));
        Assert.Equal([Ann], _node.Core.PassiveView);
        Assert.Equal(new OverlayMessage.ForwardJoin(Ann, 2), _node.Take<OverlayEffect.SendMessage>().Message);
        _node.TakeNothing();
    }

    [Fact]
    public void At_its_end_a_walk_asks_the_newcomer_and_a_neighbour_makes_room_only_once_it_is_granted()
    {
        var neighbors = _node.Fill();
        _node.Receive(neighbors[0], new OverlayMessage.ForwardJoin(Ann, 0));
        var request = _node.TakeRequest(Ann);
        _node.TakeNothing();
        Assert.Equal(neighbors, _node.Core.ActiveView);

        _node.Receive(Ann, new OverlayMessage.NeighborReply(request.Token, IsGranted: true));
        Assert.IsType<OverlayMessage.Disconnect>(_node.Take<OverlayEffect.SendMessage>().Message);
        _node.Take<OverlayEffect.NeighborDown>();
        Assert.Equal(Ann, _node.Take<OverlayEffect.NeighborUp>().Peer);
        Assert.Contains(Ann, _node.Core.ActiveView);
    }

    [Fact]
    public void A_walk_ends_where_there_is_nobody_else_to_go_to()
    {
        _node.Connect(Bob);

        _node.Receive(Bob, new OverlayMessage.ForwardJoin(Ann, 6));

        _node.TakeRequest(Ann);
    }

    [Fact]
    public void A_walk_that_comes_back_to_its_newcomer_or_a_later_life_of_it_does_nothing()
    {
        _node.Connect(Bob);

        _node.Receive(Bob, new OverlayMessage.ForwardJoin(OverlayDriver.Self, 0));
        _node.Receive(Bob, new OverlayMessage.Shuffle(OverlayDriver.Self, 1, 0, [Ann]));
        _node.Receive(Bob, new OverlayMessage.Shuffle(OverlayDriver.Node("self", counter: 0), 1, 0, [Ann]));

        _node.TakeNothing();
        Assert.Empty(_node.Core.PassiveView);
    }

    [Fact]
    public void A_shuffle_names_neighbours_and_passive_nodes_and_its_answer_fills_the_passive_view()
    {
        var neighbors = _node.Fill();
        NodeId[] told = [.. Enumerable.Range(0, 7).Select(number => OverlayDriver.Node($"told{number}"))];
        _node.Tell(neighbors[0], told);
        _node.FireShuffle();
        foreach (var neighbor in neighbors)
        {
            _node.TakeMessage<OverlayMessage.KeepLink>(neighbor);
        }

        var send = _node.Take<OverlayEffect.SendMessage>();
        var shuffle = Assert.IsType<OverlayMessage.Shuffle>(send.Message);
        Assert.Contains(send.To, neighbors);
        Assert.Equal(OverlayDriver.Self, shuffle.Origin);
        Assert.Equal(4, shuffle.Nodes.Intersect(told).Count());
        Assert.InRange(shuffle.Nodes.Intersect(neighbors).Count(), 2, 3);
        Assert.DoesNotContain(send.To, shuffle.Nodes);

        _node.Receive(Ann, new OverlayMessage.ShuffleReply(shuffle.Token, [Bob, OverlayDriver.Self]));
        _node.TakeNothing();
        Assert.Equal([.. told, Bob], _node.Core.PassiveView);
        _node.Receive(Ann, new OverlayMessage.ShuffleReply(shuffle.Token, [Ann]));
        _node.TakeViolation(OverlayViolation.UnawaitedReply, Ann);
        Assert.DoesNotContain(Ann, _node.Core.PassiveView);
    }

    [Fact]
    public void In_a_full_passive_view_what_was_sent_to_the_other_makes_room_first()
    {
        var node = new OverlayDriver(new OverlayOptions { PassiveMax = 4 });
        var neighbors = node.Fill();
        NodeId[] told = [.. Enumerable.Range(0, 4).Select(number => OverlayDriver.Node($"told{number}"))];
        node.Tell(neighbors[0], told);

        node.Receive(neighbors[0], new OverlayMessage.Shuffle(Ann, 5, 0, [Bob]));

        var answer = node.TakeMessage<OverlayMessage.ShuffleReply>(Ann);
        Assert.Equal(5UL, answer.Token);
        Assert.Equal(2, answer.Nodes.Length);
        Assert.Equal([Ann, Bob], node.Core.PassiveView.Except(told).Order());
        Assert.Equal(answer.Nodes.Order(), told.Except(node.Core.PassiveView).Order());
    }

    [Fact]
    public void Own_lives_never_come_into_a_view()
    {
        _node.Connect(Bob);
        _node.Tell(Bob, OverlayDriver.Self, OverlayDriver.Node("self", counter: 0), OverlayDriver.Node("self", counter: 2));

        _node.TakeNothing();
        Assert.Empty(_node.Core.PassiveView);
        _node.Receive(OverlayDriver.Node("self", counter: 2), new OverlayMessage.NeighborRequest(1, NeighborPriority.High));
        _node.TakeViolation(OverlayViolation.Superseded, OverlayDriver.Node("self", counter: 2));
        Assert.Equal([Bob], _node.Core.ActiveView);
        Assert.Throws<ArgumentException>(() => _node.Give(new OverlayInput.JoinVia(OverlayDriver.Node("self", counter: 2))));
    }

    [Fact]
    public void A_restarted_node_is_another_and_takes_the_place_of_its_earlier_life()
    {
        var reborn = OverlayDriver.Node("ann", counter: 2);
        _node.Connect(Ann);

        _node.Receive(reborn, new OverlayMessage.NeighborRequest(1, NeighborPriority.Low));
        Assert.Equal(Ann, _node.Take<OverlayEffect.NeighborDown>().Peer);
        Assert.True(_node.TakeMessage<OverlayMessage.NeighborReply>(reborn).IsGranted);
        Assert.Equal(reborn, _node.Take<OverlayEffect.NeighborUp>().Peer);
        Assert.Equal([reborn], _node.Core.ActiveView);

        _node.Receive(Ann, new OverlayMessage.Disconnect());
        _node.TakeViolation(OverlayViolation.Superseded, Ann);
        _node.Tell(reborn, Ann);
        _node.Receive(reborn, new OverlayMessage.ForwardJoin(Ann, 0));
        _node.TakeNothing();
        Assert.Equal([reborn], _node.Core.ActiveView);
        Assert.Empty(_node.Core.PassiveView);
    }

    [Fact]
    public void What_no_correct_node_sends_is_counted_and_changes_nothing()
    {
        _node.Connect(Bob);
        var many = Enumerable.Range(0, 9).Select(number => OverlayDriver.Node($"m{number}"));
        OverlayMessage[] malformed =
        [
            new OverlayMessage.ForwardJoin(Ann, 7),
            new OverlayMessage.ForwardJoin(Ann, -1),
            new OverlayMessage.Shuffle(Ann, 1, 7, []),
            new OverlayMessage.Shuffle(Ann, 1, -1, []),
            new OverlayMessage.Shuffle(Ann, 1, 0, [.. many]),
            new OverlayMessage.ShuffleReply(1, [.. many]),
            new OverlayMessage.NeighborRequest(1, (NeighborPriority)7),
        ];

        Assert.All(malformed, message =>
        {
            _node.Receive(Bob, message);
            _node.TakeViolation(OverlayViolation.Malformed, Bob);
            _node.TakeNothing();
        });
        _node.Receive(Ann, new OverlayMessage.NeighborReply(77, IsGranted: false));
        _node.TakeViolation(OverlayViolation.UnawaitedReply, Ann);
        _node.TakeNothing();
        Assert.Equal([Bob], _node.Core.ActiveView);
        Assert.Empty(_node.Core.PassiveView);
    }

    [Fact]
    public void Options_out_of_range_are_refused_with_their_name()
    {
        AssertRefused(new OverlayOptions { ActiveMax = 1 }, "ActiveMax");
        AssertRefused(new OverlayOptions { PassiveMax = 101 }, "PassiveMax");
        AssertRefused(new OverlayOptions { PassiveWalkLength = 7 }, "PassiveWalkLength");
        AssertRefused(new OverlayOptions { ShufflePeriod = TimeSpan.Zero }, "ShufflePeriod");

        static void AssertRefused(OverlayOptions options, string name) => Assert.Equal(
            name, Assert.Throws<ArgumentOutOfRangeException>(() => new OverlayCore(options, OverlayDriver.Self, new Prng(1))).ParamName);
    }
}
