using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;
using Xunit;

namespace PresenceTracker.Tests.Overlay;

/// <summary>How links are made and ended, effect by effect.</summary>
public sealed class NeighborTests
{
    private static readonly NodeId Ann = OverlayDriver.Node("ann");
    private static readonly NodeId Bob = OverlayDriver.Node("bob");

    private readonly OverlayDriver _node = new();

    [Fact]
    public void A_refused_node_is_not_taken_as_a_neighbour()
    {
        _node.Connect(Bob);
        _node.Tell(Bob, Ann);
        var request = _node.TakeRequest(Ann);

        Assert.Equal(NeighborPriority.Low, request.Priority);
        Assert.DoesNotContain(Ann, _node.Core.ActiveView);

        _node.Receive(Ann, new OverlayMessage.NeighborReply(request.Token, IsGranted: false));

        Assert.Equal([Bob], _node.Core.ActiveView);
        Assert.Contains(Ann, _node.Core.PassiveView);
        _node.TakeNothing();
    }

    [Fact]
    public void Who_has_refused_is_asked_again_in_the_next_period_and_not_before()
    {
        _node.Connect(Bob);
        _node.Tell(Bob, Ann);
        _node.Receive(Ann, new OverlayMessage.NeighborReply(_node.TakeRequest(Ann).Token, IsGranted: false));

        _node.Receive(Bob, new OverlayMessage.KeepLink());
        _node.TakeNothing();
        _node.FireShuffle();
        _node.TakeMessage<OverlayMessage.KeepLink>(Bob);
        _node.TakeMessage<OverlayMessage.Shuffle>(Bob);
        _node.TakeRequest(Ann);
    }

    [Fact]
    public void Without_room_only_a_request_of_high_priority_is_granted_and_a_neighbour_makes_room()
    {
        var neighbors = _node.Fill();

        _node.Receive(Ann, new OverlayMessage.NeighborRequest(1, NeighborPriority.Low));
        Assert.Equal(new OverlayMessage.NeighborReply(1, IsGranted: false), _node.TakeMessage<OverlayMessage.NeighborReply>(Ann));
        _node.TakeRest();
        Assert.Equal(neighbors, _node.Core.ActiveView);

        _node.Receive(Ann, new OverlayMessage.NeighborRequest(2, NeighborPriority.High));
        Assert.Equal(new OverlayMessage.NeighborReply(2, IsGranted: true), _node.TakeMessage<OverlayMessage.NeighborReply>(Ann));
        var dropped = _node.Take<OverlayEffect.SendMessage>();
        Assert.IsType<OverlayMessage.Disconnect>(dropped.Message);
        Assert.Equal(dropped.To, _node.Take<OverlayEffect.NeighborDown>().Peer);
        Assert.Equal(Ann, _node.Take<OverlayEffect.NeighborUp>().Peer);
        _node.TakeNothing();
        Assert.Equal([dropped.To], neighbors.Except(_node.Core.ActiveView));
        Assert.Contains(dropped.To, _node.Core.PassiveView);
    }

    [Fact]
    public void Who_is_asked_makes_sure_of_its_own_neighbours_once_in_a_second_and_remembers_whom_it_refused()
    {
        var neighbors = _node.Fill();
        _node.Now += TimeSpan.FromSeconds(1);

        _node.Receive(Ann, new OverlayMessage.NeighborRequest(1, NeighborPriority.Low));
        _node.TakeMessage<OverlayMessage.NeighborReply>(Ann);
        Assert.All(neighbors, neighbor => _node.TakeMessage<OverlayMessage.KeepLink>(neighbor));
        _node.TakeNothing();
        _node.Now += TimeSpan.FromSeconds(0.9);
        _node.Receive(Bob, new OverlayMessage.NeighborRequest(1, NeighborPriority.Low));
        _node.TakeMessage<OverlayMessage.NeighborReply>(Bob);
        _node.TakeNothing();
        Assert.Equal([Ann, Bob], _node.Core.PassiveView);

        _node.Give(new OverlayInput.PeerLost(neighbors[0]));
        _node.Take<OverlayEffect.NeighborDown>();
        Assert.Contains(_node.Take<OverlayEffect.SendMessage>().To, new[] { Ann, Bob });
        _node.Take<OverlayEffect.ScheduleTimer>();
        _node.TakeNothing();
    }

    [Fact]
    public void A_node_that_has_lost_its_last_neighbour_asks_one_node_with_high_priority_also_one_that_has_just_refused()
    {
        _node.Connect(Bob);
        _node.Tell(Bob, Ann);
        var low = _node.TakeRequest(Ann);
        _node.Give(new OverlayInput.PeerLost(Bob));
        Assert.Equal(Bob, _node.Take<OverlayEffect.NeighborDown>().Peer);
        _node.TakeNothing();

        _node.Receive(Ann, new OverlayMessage.NeighborReply(low.Token, IsGranted: false));
        Assert.Equal(NeighborPriority.High, _node.TakeRequest(Ann).Priority);
        _node.TakeNothing();
    }

    [Fact]
    public void For_each_free_place_one_node_is_asked_at_the_same_time()
    {
        _node.Fill(3);
        _node.Tell(OverlayDriver.Node("n0"), Ann, Bob, OverlayDriver.Node("cid"));

        var asked = Enumerable.Range(0, 2).Select(_ =>
        {
            var send = _node.Take<OverlayEffect.SendMessage>();
            Assert.Equal(NeighborPriority.Low, Assert.IsType<OverlayMessage.NeighborRequest>(send.Message).Priority);
            _node.Take<OverlayEffect.ScheduleTimer>();
            return send.To;
        }).ToList();

        Assert.Distinct(asked);
        _node.TakeNothing();
    }

    [Fact]
    public void The_late_timer_of_an_older_request_does_not_end_a_newer_one()
    {
        _node.Connect(Bob);
        _node.Tell(Bob, Ann);
        var first = _node.TakeRequest(Ann);
        _node.Receive(Ann, new OverlayMessage.NeighborReply(first.Token, IsGranted: false));
        _node.FireShuffle();
        _node.TakeMessage<OverlayMessage.KeepLink>(Bob);
        _node.TakeMessage<OverlayMessage.Shuffle>(Bob);
        var second = _node.TakeRequest(Ann);

        _node.Give(new OverlayInput.TimerFired(new OverlayTimer.RequestOverdue(Ann, first.Token)));
        _node.TakeNothing();

        _node.Receive(Ann, new OverlayMessage.NeighborReply(second.Token, IsGranted: true));
        Assert.Equal(Ann, _node.Take<OverlayEffect.NeighborUp>().Peer);
        _node.Take<OverlayEffect.ContactWanted>();
        _node.Give(new OverlayInput.TimerFired(new OverlayTimer.RequestOverdue(Ann, second.Token)));
        _node.TakeNothing();
        Assert.Equal([Bob, Ann], _node.Core.ActiveView);
    }

    [Fact]
    public void Who_does_not_answer_is_told_that_there_is_no_link_and_is_forgotten()
    {
        _node.Connect(Bob);
        _node.Tell(Bob, Ann);
        var request = _node.TakeRequest(Ann);

        _node.Give(new OverlayInput.TimerFired(new OverlayTimer.RequestOverdue(Ann, request.Token)));
        _node.TakeMessage<OverlayMessage.Disconnect>(Ann);
        _node.TakeNothing();
        Assert.DoesNotContain(Ann, _node.Core.PassiveView);

        // The answer comes after all: there would be a link with one end.
        _node.Receive(Ann, new OverlayMessage.NeighborReply(request.Token, IsGranted: true));
        _node.TakeViolation(OverlayViolation.UnawaitedReply, Ann);
        _node.TakeMessage<OverlayMessage.Disconnect>(Ann);
        _node.TakeNothing();
        Assert.Equal([Bob], _node.Core.ActiveView);
    }

    [Fact]
    public void Requests_that_cross_make_one_link_whichever_is_refused()
    {
        _node.Connect(Bob);
        _node.Tell(Bob, Ann);
        var request = _node.TakeRequest(Ann);
        _node.Connect(Ann);

        _node.Receive(Ann, new OverlayMessage.NeighborReply(request.Token, IsGranted: false));
        _node.TakeNothing();
        Assert.Equal([Bob, Ann], _node.Core.ActiveView);
    }

    [Fact]
    public void A_grant_for_a_place_that_was_taken_meanwhile_is_given_back()
    {
        _node.Connect(Bob);
        _node.Tell(Bob, Ann);
        var request = _node.TakeRequest(Ann);
        _node.Fill(4);

        _node.Receive(Ann, new OverlayMessage.NeighborReply(request.Token, IsGranted: true));
        _node.TakeMessage<OverlayMessage.Disconnect>(Ann);
        _node.TakeNothing();
        Assert.DoesNotContain(Ann, _node.Core.ActiveView);
    }

    [Fact]
    public void A_link_that_only_the_other_holds_is_ended_when_it_says_so()
    {
        _node.Receive(Ann, new OverlayMessage.KeepLink());

        _node.TakeMessage<OverlayMessage.Disconnect>(Ann);
        _node.TakeNothing();
    }

    [Fact]
    public void A_lost_neighbour_is_replaced_from_the_passive_view_and_one_that_disconnects_goes_there()
    {
        var neighbors = _node.Fill();
        _node.Tell(neighbors[0], Ann);
        _node.TakeNothing();

        _node.Give(new OverlayInput.PeerLost(neighbors[0]));
        Assert.Equal(neighbors[0], _node.Take<OverlayEffect.NeighborDown>().Peer);
        _node.Receive(Ann, new OverlayMessage.NeighborReply(_node.TakeRequest(Ann).Token, IsGranted: true));
        Assert.Equal(Ann, _node.Take<OverlayEffect.NeighborUp>().Peer);
        Assert.DoesNotContain(neighbors[0], _node.Core.PassiveView);

        _node.Receive(neighbors[1], new OverlayMessage.Disconnect());
        Assert.Equal(neighbors[1], _node.Take<OverlayEffect.NeighborDown>().Peer);
        _node.TakeNothing();
        Assert.Equal([neighbors[1]], _node.Core.PassiveView);
    }

    [Fact]
    public void A_node_that_left_takes_its_leave_refuses_everybody_and_can_be_started_again()
    {
        var neighbors = _node.Fill(2);
        _node.Give(new OverlayInput.Left());
        foreach (var neighbor in neighbors)
        {
            _node.TakeMessage<OverlayMessage.Disconnect>(neighbor);
            Assert.Equal(neighbor, _node.Take<OverlayEffect.NeighborDown>().Peer);
        }

        _node.Receive(Ann, new OverlayMessage.Join(3));
        Assert.False(_node.TakeMessage<OverlayMessage.NeighborReply>(Ann).IsGranted);
        _node.Receive(Ann, new OverlayMessage.NeighborRequest(4, NeighborPriority.High));
        Assert.False(_node.TakeMessage<OverlayMessage.NeighborReply>(Ann).IsGranted);
        _node.Receive(neighbors[0], new OverlayMessage.KeepLink());
        _node.TakeMessage<OverlayMessage.Disconnect>(neighbors[0]);
        _node.Give(new OverlayInput.TimerFired(_node.Shuffle));
        _node.TakeNothing();

        _node.Give(new OverlayInput.Started());
        Assert.IsType<OverlayTimer.ShuffleDue>(_node.Take<OverlayEffect.ScheduleTimer>().Timer);
    }

    [Fact]
    public void Who_refuses_even_a_node_without_neighbours_is_not_asked_again()
    {
        _node.Give(new OverlayInput.JoinVia(Ann));
        var join = _node.TakeMessage<OverlayMessage.Join>(Ann);
        _node.Take<OverlayEffect.ScheduleTimer>();

        _node.Receive(Ann, new OverlayMessage.NeighborReply(join.Token, IsGranted: false));
        _node.TakeNothing();
        _node.FireShuffle();
        _node.Take<OverlayEffect.ContactWanted>();
        _node.TakeNothing();
    }

    [Fact]
    public void A_node_with_room_that_remembers_nobody_wants_a_contact_once_in_each_period()
    {
        _node.Connect(Bob);
        _node.FireShuffle();
        _node.TakeMessage<OverlayMessage.KeepLink>(Bob);
        _node.TakeMessage<OverlayMessage.Shuffle>(Bob);
        _node.Take<OverlayEffect.ContactWanted>();
        _node.Receive(Bob, new OverlayMessage.KeepLink());
        _node.TakeNothing();

        _node.Give(new OverlayInput.JoinVia(Bob));
        _node.TakeNothing();
        _node.Give(new OverlayInput.JoinVia(Ann));
        _node.TakeMessage<OverlayMessage.Join>(Ann);
    }
}
