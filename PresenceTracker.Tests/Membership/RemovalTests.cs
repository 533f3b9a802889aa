using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

public sealed class RemovalTests
{
    private static readonly NodeId B = Node("b:1", 50);

    [Fact]
    public void Whatever_comes_from_a_removed_life_is_dropped_and_answered_by_a_notice()
    {
        var driver = WithRemovedB();
        MembershipMessage[] messages = [Announcement(B), Hello(B), Announcement(B, 0), Welcome(B)];

        foreach (var message in messages)
        {
            driver.Receive(message, "b:1");
            var (to, notice) = driver.TakeSent<MembershipMessage.RemovalNotice>();
            Assert.Equal("b:1", to);
            Assert.Equal(new MembershipMessage.RemovalNotice(B, 1), notice);
            driver.AssertNothingElse();
        }

        Assert.Equal(MemberState.Removed, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_removed_life_that_refutes_it_is_up_again_and_starts_from_nothing()
    {
        var driver = WithRemovedB();

        driver.Receive(Hello(B, refutation: 2));

        Assert.Equal(B, driver.Take<MembershipEffect.NodeUp>().Node.Node);
        driver.TakeSent<MembershipMessage.Welcome>();
        driver.AssertNothingElse();
        Assert.Equal(MemberState.Up, Assert.Single(driver.Core.Members).State);
    }

    [Fact]
    public void A_late_message_from_before_the_refutation_is_still_dropped()
    {
        var driver = WithRemovedB();
        driver.Receive(Hello(B, refutation: 2));
        driver.TakeEvents();

        driver.Receive(Announcement(B, refutation: 1));

        driver.TakeSent<MembershipMessage.RemovalNotice>();
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_word_of_a_long_lost_life_that_refutes_its_removal_leads_to_greetings_every_second_first()
    {
        var driver = WithRemovedB();
        driver.Advance(TimeSpan.FromMinutes(61));
        driver.TakeReceivers<MembershipMessage.Hello>();

        driver.Receive(Announcement(B, refutation: 2));
        Assert.Equal(MemberState.Removed, driver.StateOf("b:1"));
        driver.Advance(TimeSpan.FromSeconds(5));

        Assert.InRange(driver.TakeReceivers<MembershipMessage.Hello>().Length, 5, 6);
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_later_life_of_a_removed_node_is_a_newcomer_and_an_earlier_one_is_told_the_counter()
    {
        var driver = WithRemovedB();

        driver.Receive(Hello(Node("b:1", 49)));
        Assert.Equal(50UL, driver.TakeSent<MembershipMessage.Welcome>().Message.KnownCounter);
        driver.AssertNothingElse();

        driver.Receive(Hello(Node("b:1", 51)));
        Assert.Equal(51UL, driver.Take<MembershipEffect.NodeUp>().Node.Node.Incarnation.Counter);
    }

    [Fact]
    public void A_graceful_leave_removes_at_once_and_for_ever()
    {
        var driver = With(B);

        driver.Receive(new MembershipMessage.Leaving(B));
        Assert.Equal([new MembershipEffect.NodeRemoved(B, LeaveReason.NodeLeft)], driver.TakeEvents());

        driver.Receive(Hello(B, refutation: long.MaxValue - 1));
        Assert.Equal(ulong.MaxValue, driver.TakeSent<MembershipMessage.RemovalNotice>().Message.Refutation);
        driver.AssertNothingElse();
        Assert.Equal(MemberState.Removed, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_leave_of_an_earlier_life_or_of_an_unknown_node_changes_nothing()
    {
        var driver = With(B);

        driver.Receive(new MembershipMessage.Leaving(Node("b:1", 49)));
        driver.Receive(new MembershipMessage.Leaving(Node("c:1", 1)));
        driver.Receive(new MembershipMessage.Leaving(driver.Core.Self.Node));

        driver.AssertNothingElse();
        Assert.Equal(B, Assert.Single(driver.Core.Members).Node);
    }

    [Fact]
    public void A_leave_of_a_later_life_ends_the_known_one_as_down_and_keeps_both_out()
    {
        var driver = With(B);
        var later = Node("b:1", 60);

        driver.Receive(new MembershipMessage.Leaving(later));
        Assert.Equal([new MembershipEffect.NodeRemoved(B, LeaveReason.NodeDown)], driver.TakeEvents());

        driver.Receive(Announcement(later));
        driver.Receive(Announcement(B));
        Assert.Equal(["b:1", "b:1"], driver.TakeReceivers<MembershipMessage.RemovalNotice>());
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_node_that_leaves_tells_every_member_and_then_says_and_hears_nothing_any_more()
    {
        var driver = With(B, Node("c:1", 6));

        driver.Do(new MembershipInput.LeaveRequested());
        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Leaving>());

        driver.Receive(Announcement(B));
        driver.Receive(Hello(Node("d:1", 7)));
        driver.Advance(TimeSpan.FromMinutes(1));
        driver.AssertNothingElse();
    }

    [Fact]
    public void Removal_records_are_forgotten_after_a_day()
    {
        var driver = WithRemovedB();

        driver.Advance(TimeSpan.FromHours(23.9));
        Assert.Equal(MemberState.Removed, driver.StateOf("b:1"));
        driver.Advance(TimeSpan.FromHours(0.2));

        Assert.Null(driver.StateOf("b:1"));
    }

    [Fact]
    public void Beyond_their_limit_the_oldest_removal_record_is_forgotten()
    {
        var records = new RemovalRecords(3, TimeSpan.FromHours(24));
        string[] addresses = ["d:1", "a:1", "c:1", "b:1"];
        for (var i = 0; i < addresses.Length; i++)
        {
            records.Add(new RemovalRecord(Node(addresses[i], 1), 1, LeaveReason.NodeDown, new MonotonicTime(i)));
        }

        Assert.Equal(["a:1", "b:1", "c:1"], records.All.Select(record => record.Node.Address));

        records.Add(new RemovalRecord(Node("a:1", 1), 2, LeaveReason.NodeDown, new MonotonicTime(9)));
        records.Add(new RemovalRecord(Node("e:1", 1), 1, LeaveReason.NodeDown, new MonotonicTime(10)));
        Assert.Equal(["a:1", "b:1", "e:1"], records.All.Select(record => record.Node.Address));
    }

    [Fact]
    public void A_record_that_reaches_less_far_does_not_replace_one_that_reaches_further()
    {
        var records = new RemovalRecords(3, TimeSpan.FromHours(24));
        var left = new RemovalRecord(Node("a:1", 2), RemovalRecord.NeverAgain, LeaveReason.NodeLeft, new MonotonicTime(1));
        records.Add(left);

        records.Add(new RemovalRecord(Node("a:1", 2), 7, LeaveReason.NodeDown, new MonotonicTime(2)));
        records.Add(new RemovalRecord(Node("a:1", 1), 9, LeaveReason.NodeDown, new MonotonicTime(3)));

        Assert.Equal(left, Assert.Single(records.All));
    }

    private static CoreDriver WithRemovedB()
    {
        var driver = Started("b:1");
        driver.Receive(Welcome(B));
        driver.Advance(TimeSpan.FromSeconds(9) + TimeSpan.FromMinutes(20));
        Assert.Equal(MemberState.Removed, driver.StateOf("b:1"));
        driver.TakeEvents();
        return driver;
    }
}
