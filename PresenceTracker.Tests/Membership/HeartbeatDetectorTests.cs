using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

public sealed class HeartbeatDetectorTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void Every_member_gets_a_heartbeat_every_second_whether_up_suspect_or_down()
    {
        var (b, c) = (Node("b:1", 5), Node("c:1", 6));
        var driver = With(c, b);

        driver.Advance(Second);
        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Heartbeat>());

        driver.AdvanceHearing(TimeSpan.FromSeconds(10), c);
        Assert.Equal(MemberState.Down, driver.StateOf("b:1"));
        driver.TakeReceivers<MembershipMessage.Heartbeat>();
        driver.Advance(Second);
        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Heartbeat>());
    }

    [Fact]
    public void Four_missed_heartbeats_make_a_suspect_and_eight_hide_it()
    {
        var b = Node("b:1", 5);
        var driver = With(b);

        driver.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(driver.TakeEvents());
        driver.Advance(Second);
        Assert.Equal([new MembershipEffect.NodeSuspected(b)], driver.TakeEvents());
        Assert.Equal(MemberState.Suspect, driver.StateOf("b:1"));

        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(driver.TakeEvents());
        driver.Advance(Second);
        Assert.Equal([new MembershipEffect.NodeDown(b)], driver.TakeEvents());
        Assert.Equal(MemberState.Down, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_heartbeat_every_second_keeps_a_node_up_for_ever()
    {
        var b = Node("b:1", 5);
        var driver = With(b);

        driver.AdvanceHearing(TimeSpan.FromMinutes(10), b);

        Assert.Empty(driver.TakeEvents());
        Assert.Equal(MemberState.Up, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_suspect_that_is_heard_of_is_trusted_again()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Advance(TimeSpan.FromSeconds(5));
        driver.TakeEvents();

        driver.Receive(Heartbeat(b));

        Assert.Equal([new MembershipEffect.NodeTrusted(b)], driver.TakeEvents());
        Assert.Equal(MemberState.Up, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_down_node_that_is_heard_of_returns_in_the_same_life()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Advance(TimeSpan.FromMinutes(19));
        driver.TakeEvents();

        driver.Receive(Heartbeat(b));

        Assert.Equal(b, driver.Take<MembershipEffect.NodeReturned>().Node.Node);
        driver.AssertNothingElse();
        Assert.Equal(MemberState.Up, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_node_that_is_down_for_removed_after_is_removed()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Advance(TimeSpan.FromSeconds(9));
        driver.TakeEvents();

        driver.Advance(TimeSpan.FromMinutes(20) - Second);
        Assert.Empty(driver.TakeEvents());
        driver.Advance(Second);

        Assert.Equal([new MembershipEffect.NodeRemoved(b, LeaveReason.NodeDown)], driver.TakeEvents());
        Assert.Equal(MemberState.Removed, driver.StateOf("b:1"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(3600)]
    public void An_own_pause_is_not_counted_against_the_others(int seconds)
    {
        var (up, down) = (Node("b:1", 5), Node("c:1", 6));
        var driver = With(up, down);
        driver.AdvanceHearing(TimeSpan.FromSeconds(10), up);
        Assert.Equal(MemberState.Down, driver.StateOf("c:1"));
        driver.TakeEvents();

        driver.Pause(TimeSpan.FromSeconds(seconds));
        driver.Advance(TimeSpan.FromSeconds(2));

        Assert.Empty(driver.TakeEvents());
        Assert.Equal(MemberState.Up, driver.StateOf("b:1"));
        Assert.Equal(MemberState.Down, driver.StateOf("c:1"));

        driver.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(MemberState.Down, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_pause_does_not_make_up_for_silence_before_it()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Advance(TimeSpan.FromSeconds(4));

        driver.Pause(TimeSpan.FromSeconds(30));
        driver.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([new MembershipEffect.NodeSuspected(b)], driver.TakeEvents());
    }

    [Fact]
    public void A_tick_that_is_less_than_one_interval_late_is_no_pause()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Advance(Second);
        driver.Pause(Second);
        driver.Advance(TimeSpan.Zero);
        for (var i = 0; i < 2; i++)
        {
            driver.Pause((2 * Second) - Tick);
            driver.Advance(TimeSpan.Zero);
        }

        Assert.Equal([new MembershipEffect.NodeSuspected(b)], driver.TakeEvents());
    }

    [Fact]
    public void A_heartbeat_heard_during_the_pause_does_not_count_as_heard_in_the_future()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Advance(Second);
        driver.Pause(TimeSpan.FromSeconds(60));
        driver.Receive(Heartbeat(b));
        driver.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([new MembershipEffect.NodeSuspected(b)], driver.TakeEvents());
    }

    [Fact]
    public void A_heartbeat_from_an_unknown_address_is_answered_by_a_hello_at_most_once_per_second()
    {
        var driver = Started();

        driver.Receive(Heartbeat(Node("b:1", 5)));
        driver.Receive(Heartbeat(Node("b:1", 5)));

        var (to, hello) = driver.TakeSent<MembershipMessage.Hello>();
        Assert.Equal(("b:1", "b:1"), (to, hello.Target));
        driver.AssertNothingElse();
        Assert.Empty(driver.Core.Members);
    }

    [Fact]
    public void A_heartbeat_of_an_earlier_life_is_no_proof_of_life_and_answered_by_a_notice()
    {
        var latest = Node("b:1", 50);
        var driver = With(latest);

        for (var i = 0; i < 5; i++)
        {
            driver.Receive(Heartbeat(Node("b:1", 40)));
            Assert.Equal(new MembershipMessage.RemovalNotice(latest, 0), driver.TakeSent<MembershipMessage.RemovalNotice>().Message);
            driver.Advance(Second);
        }

        Assert.Equal([new MembershipEffect.NodeSuspected(latest)], driver.TakeEvents());
    }

    [Fact]
    public void A_heartbeat_of_a_later_life_at_the_address_removes_the_former_one()
    {
        var (old, latest) = (Node("b:1", 50), Node("b:1", 60));
        var driver = With(old);

        driver.Receive(Heartbeat(latest));

        Assert.Collection(
            driver.TakeEvents(),
            effect => Assert.Equal(new MembershipEffect.NodeRemoved(old, LeaveReason.NodeDown), effect),
            effect => Assert.Equal(latest, Assert.IsType<MembershipEffect.NodeUp>(effect).Node.Node));
    }

    [Fact]
    public void The_same_process_under_a_higher_counter_is_renamed_and_not_removed()
    {
        var (old, latest) = (Node("b:1", 50, 7), Node("b:1", 60, 7));
        var driver = With(old);

        driver.Receive(Heartbeat(latest, 1, new ShardEpoch(2, 1, 30)));

        var renamed = driver.Take<MembershipEffect.NodeRenamed>();
        Assert.Equal(old, renamed.Old);
        Assert.Equal(latest, renamed.Node.Node);
        Assert.Equal([new ShardEpoch(2, 1, 30)], renamed.Node.Epochs.ToArray());
        driver.AssertNothingElse();

        driver.Receive(Heartbeat(old));
        driver.AssertNothingElse();
        Assert.Equal(latest, Assert.Single(driver.Core.Members).Node);
    }

    [Fact]
    public void A_new_epoch_is_reported_once_and_a_lower_one_never()
    {
        var b = Node("b:1", 5);
        var driver = With(b);

        driver.Receive(Heartbeat(b, 1, new ShardEpoch(1, 2, 10), new ShardEpoch(3, 1, 0)));
        Assert.Equal(
            [new MembershipEffect.EpochRaised(b, new(1, 2, 10)), new MembershipEffect.EpochRaised(b, new(3, 1, 0))],
            driver.TakeEvents());

        driver.Receive(Heartbeat(b, 1, new ShardEpoch(1, 1, 99), new ShardEpoch(3, 1, 99)));
        driver.Receive(Heartbeat(b));
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_new_epoch_of_a_down_node_is_reported_before_its_return()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Advance(TimeSpan.FromSeconds(10));
        driver.TakeEvents();

        driver.Receive(Heartbeat(b, 1, new ShardEpoch(1, 2, 10)));

        Assert.Collection(
            driver.TakeEvents(),
            effect => Assert.Equal(new MembershipEffect.EpochRaised(b, new(1, 2, 10)), effect),
            effect => Assert.Equal([new(1, 2, 10)], Assert.IsType<MembershipEffect.NodeReturned>(effect).Node.Epochs.ToArray()));
    }

    [Fact]
    public void An_own_new_epoch_is_told_to_every_member_at_once()
    {
        var driver = With(Node("b:1", 5), Node("c:1", 6));

        driver.Do(new MembershipInput.ShardEpochCompleted(new ShardEpoch(7, 1, 12)));

        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Heartbeat>());
        Assert.Equal([new(7, 1, 12)], driver.Core.Self.Epochs.ToArray());
        driver.AssertNothingElse();
        Assert.Throws<ArgumentException>(() => driver.Do(new MembershipInput.ShardEpochCompleted(new ShardEpoch(8, 1, 0))));
        Assert.Throws<ArgumentException>(() => driver.Do(new MembershipInput.ShardEpochCompleted(new ShardEpoch(0, 0, 0))));
    }

    [Fact]
    public void A_timer_that_was_overtaken_does_nothing()
    {
        var driver = With(Node("b:1", 5));

        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.HeartbeatDue(99)));
        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.GreetingDue(99)));
        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.FirstContactOver(99)));

        driver.AssertNothingElse();
    }
}
