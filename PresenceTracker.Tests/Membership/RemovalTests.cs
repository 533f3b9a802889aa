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
        MembershipMessage[] messages = [Heartbeat(B), Hello(B), Heartbeat(B, 0), Welcome(B)];

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

        driver.Receive(Heartbeat(B, refutation: 1));

        driver.TakeSent<MembershipMessage.RemovalNotice>();
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_heartbeat_of_a_long_lost_life_that_refutes_its_removal_leads_to_greetings_every_second_first()
    {
        var driver = WithRemovedB();
        driver.Advance(TimeSpan.FromMinutes(61));
        driver.TakeReceivers<MembershipMessage.Hello>();

        driver.Receive(Heartbeat(B, refutation: 2));
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

        driver.Receive(Heartbeat(later));
        driver.Receive(Heartbeat(B));
        Assert.Equal(["b:1", "b:1"], driver.TakeReceivers<MembershipMessage.RemovalNotice>());
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_node_that_leaves_tells_every_member_and_then_says_and_hears_nothing_any_more()
    {
        var driver = With(B, Node("c:1", 6));

        driver.Do(new MembershipInput.LeaveRequested());
        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Leaving>());

        driver.Receive(Heartbeat(B));
        driver.Receive(Hello(Node("d:1", 7)));
        driver.Advance(TimeSpan.FromMinutes(1));
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_node_told_of_its_own_removal_refutes_it_and_greets_whoever_told_it()
    {
        var driver = With(B);
        var self = driver.Core.Self.Node;

        driver.Receive(new MembershipMessage.RemovalNotice(self, 1), "b:1");

        var (to, hello) = driver.TakeSent<MembershipMessage.Hello>();
        Assert.Equal("b:1", to);
        Assert.Equal(2UL, hello.Self.Refutation);
        Assert.Equal(self, hello.Self.Node);
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_notice_that_was_refuted_already_or_removes_nothing_does_nothing()
    {
        var driver = With(B);
        var self = driver.Core.Self.Node;

        driver.Receive(new MembershipMessage.RemovalNotice(self, 0), "b:1");
        driver.Receive(new MembershipMessage.RemovalNotice(Node(OwnAddress, 99), 5), "b:1");

        driver.AssertNothingElse();
        Assert.Equal(1UL, driver.Core.Self.Refutation);
    }

    [Fact]
    public void A_notice_about_another_node_or_beyond_any_refutation_is_counted_and_changes_nothing()
    {
        var driver = With(B);
        var self = driver.Core.Self;

        driver.Receive(new MembershipMessage.RemovalNotice(Node("c:1", 900), 1), "b:1");
        driver.AssertViolation(MembershipViolationKind.MisaddressedNotice);
        driver.Receive(new MembershipMessage.RemovalNotice(self.Node, ulong.MaxValue), "b:1");
        driver.Take<MembershipEffect.ReportViolation>();

        driver.AssertNothingElse();
        Assert.Equal(self, driver.Core.Self);
    }

    [Fact]
    public void A_node_told_of_a_later_life_at_its_address_rises_above_it_at_once_and_tells_everybody()
    {
        var driver = With(B, Node("c:1", 6));
        var old = driver.Core.Self.Node;

        driver.Receive(new MembershipMessage.RemovalNotice(Node(OwnAddress, 700), 0), "b:1");

        var raised = driver.Take<MembershipEffect.SelfRaised>();
        Assert.Equal(old, raised.Old);
        Assert.Equal(new Incarnation(701, old.Incarnation.ProcessId), raised.Node.Incarnation);
        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Heartbeat>());
        Assert.Equal(raised.Node, driver.TakeSent<MembershipMessage.Hello>().Message.Self.Node);
        driver.AssertNothingElse();
    }

    [Fact]
    public void Forced_to_rise_three_times_within_a_minute_by_one_process_the_node_stops()
    {
        var driver = With(B);

        ForceToRise(driver, processId: 9);
        driver.Advance(TimeSpan.FromSeconds(30));
        ForceToRise(driver, processId: 9);
        driver.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(driver.TakeEvents().OfType<MembershipEffect.StopNode>());
        ForceToRise(driver, processId: 9);

        Assert.Equal("another process advertises a:1", driver.Take<MembershipEffect.StopNode>().Reason);
        driver.TakeEvents();
        driver.Advance(TimeSpan.FromMinutes(1));
        driver.AssertNothingElse();
    }

    [Theory]
    [InlineData(31, 9UL, 9UL, 9UL)]
    [InlineData(1, 9UL, 10UL, 11UL)]
    public void Rising_seldom_or_above_several_dead_lives_is_no_reason_to_stop(int secondsBetween, ulong first, ulong second, ulong third)
    {
        var driver = With(B);
        foreach (var processId in new[] { first, second, third })
        {
            ForceToRise(driver, processId);
            driver.Advance(TimeSpan.FromSeconds(secondsBetween));
        }

        Assert.Empty(driver.TakeEvents().OfType<MembershipEffect.StopNode>());
        driver.Receive(Hello(Node("d:1", 7)));
        Assert.Equal(MemberState.Up, driver.StateOf("d:1"));
    }

    [Fact]
    public void Another_process_that_speaks_from_the_own_address_is_counted_and_risen_above()
    {
        var driver = With(B);

        driver.Receive(Heartbeat(Node(OwnAddress, 700)));

        driver.AssertViolation(MembershipViolationKind.AddressClaimed);
        Assert.Equal(701UL, driver.Take<MembershipEffect.SelfRaised>().Node.Incarnation.Counter);
        Assert.Equal(["b:1"], driver.TakeReceivers<MembershipMessage.Heartbeat>());
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

    public static TheoryData<NodeRecord> MalformedRecords() =>
    [
        Record(new NodeId("", new Incarnation(1, 1))),
        Record(new NodeId("b", new Incarnation(1, 1))),
        Record(new NodeId("b:0", new Incarnation(1, 1))),
        Record(new NodeId("b:65536", new Incarnation(1, 1))),
        Record(new NodeId("b c:1", new Incarnation(1, 1))),
        Record(new NodeId(new string('b', 254) + ":1", new Incarnation(1, 1))),
        Record(new NodeId("b:1", new Incarnation(ulong.MaxValue, 1))),
        Record(B, ulong.MaxValue),
        Record(B, 1, new ShardEpoch(8, 1, 0)),
        Record(B, 1, new ShardEpoch(-1, 1, 0)),
        Record(B, 1, new ShardEpoch(1, 0, 0)),
        Record(B, 1, new ShardEpoch(2, 1, 0), new ShardEpoch(1, 1, 0)),
        Record(B, 1, new ShardEpoch(1, 1, 0), new ShardEpoch(1, 2, 0)),
        new NodeRecord(B, 1, default),
    ];

    [Theory]
    [MemberData(nameof(MalformedRecords))]
    public void A_malformed_record_is_counted_and_changes_nothing(NodeRecord record)
    {
        MembershipMessage[] messages =
        [
            new MembershipMessage.Hello(record, OwnAddress, MembershipOptions.ProtocolVersion, "test", 8),
            new MembershipMessage.Welcome(record, "b:1", [], 0),
            new MembershipMessage.Heartbeat(record),
        ];
        foreach (var message in messages)
        {
            var driver = Started("b:1");
            driver.Receive(message);
            driver.AssertViolation(MembershipViolationKind.MalformedRecord);
            driver.AssertNothingElse();
            Assert.Empty(driver.Core.Members);
        }
    }

    [Fact]
    public void A_malformed_welcome_is_counted_and_changes_nothing()
    {
        MembershipMessage[] messages =
        [
            Welcome(B, ulong.MaxValue),
            Welcome(B) with { Members = default },
            Welcome(B, 0, new NodeId("nowhere", new Incarnation(1, 1))),
            Welcome(B, 0, [.. Enumerable.Range(1, 1001).Select(i => Node($"n:{i}", 1))]),
        ];
        foreach (var message in messages)
        {
            var driver = Started("b:1");
            driver.Receive(message);
            driver.AssertViolation(MembershipViolationKind.MalformedRecord);
            driver.AssertNothingElse();
            Assert.Empty(driver.Core.Members);
        }
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

    private static void ForceToRise(CoreDriver driver, ulong processId)
    {
        var above = driver.Core.Self.Node.Incarnation.Counter + 1;
        driver.Receive(new MembershipMessage.RemovalNotice(Node(OwnAddress, above, processId), 0), "b:1");
    }
}
