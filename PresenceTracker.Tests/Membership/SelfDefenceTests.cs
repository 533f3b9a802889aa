using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

public sealed class SelfDefenceTests
{
    private static readonly NodeId B = Node("b:1", 50);

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
        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Announcement>());
        Assert.Equal(raised.Node, driver.TakeSent<MembershipMessage.Hello>().Message.Self.Node);
        driver.AssertNothingElse();
    }

    [Fact]
    public void Supplanted_by_another_process_at_its_address_the_node_stops_once_it_hears_nobody()
    {
        var driver = With(B);

        // The transport says so again at each attempt to reach the peer.
        for (var second = 0; second < 10; second++)
        {
            driver.Do(new MembershipInput.Supplanted());
            driver.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(new StopCause.AddressTaken(OwnAddress), driver.Take<MembershipEffect.StopNode>().Cause);
    }

    [Fact]
    public void Said_to_be_supplanted_the_node_goes_on_for_as_long_as_anybody_is_heard()
    {
        var driver = With(B);

        driver.Do(new MembershipInput.Supplanted());
        driver.AdvanceHearing(TimeSpan.FromSeconds(30), B);
        driver.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(MemberState.Down, driver.StateOf(B.Address));
        Assert.DoesNotContain(driver.TakeEvents(), effect => effect is MembershipEffect.StopNode);
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

        Assert.Equal(new StopCause.AddressTaken(OwnAddress), driver.Take<MembershipEffect.StopNode>().Cause);
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

        driver.Receive(Announcement(Node(OwnAddress, 700)));

        driver.AssertViolation(MembershipViolationKind.AddressClaimed);
        Assert.Equal(701UL, driver.Take<MembershipEffect.SelfRaised>().Node.Incarnation.Counter);
        Assert.Equal(["b:1"], driver.TakeReceivers<MembershipMessage.Announcement>());
        driver.AssertNothingElse();
    }

    private static void ForceToRise(CoreDriver driver, ulong processId)
    {
        var above = driver.Core.Self.Node.Incarnation.Counter + 1;
        driver.Receive(new MembershipMessage.RemovalNotice(Node(OwnAddress, above, processId), 0), "b:1");
    }
}
