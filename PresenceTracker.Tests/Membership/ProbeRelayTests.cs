using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

/// <summary>Probes on behalf of others (SWIM §3.1), and the word that the helper lives (Lifeguard §IV-A).</summary>
public sealed class ProbeRelayTests
{
    private static readonly NodeId B = Node("b:1", 5);
    private static readonly NodeId C = Node("c:1", 6);

    [Fact]
    public void The_target_is_probed_and_its_answer_passed_on_under_the_token_of_who_asked()
    {
        var driver = With(B, C);

        driver.Receive(Request(C));
        var (target, ping) = driver.TakeSent<MembershipMessage.Ping>();
        Assert.Equal("c:1", target);
        driver.Receive(new MembershipMessage.Ack(ping.Token, Record(C, refutation: 3), []));

        var (to, ack) = driver.TakeSent<MembershipMessage.Ack>();
        Assert.Equal(("b:1", 70UL, new MemberUpdate(C, 3, UpdateKind.Alive)), (to, ack.Token, ack.Updates[0]));
        driver.AssertNothingElse();
        driver.Advance(TimeSpan.FromMilliseconds(400));
        Assert.Empty(driver.TakeAllSent<MembershipMessage.Nack>());
    }

    [Fact]
    public void Without_an_answer_when_four_fifths_of_the_time_are_over_the_helper_says_that_it_lives_and_a_later_answer_is_passed_on()
    {
        var driver = With(B, C);
        driver.Receive(Request(C));
        var token = driver.TakeSent<MembershipMessage.Ping>().Message.Token;

        driver.Advance(TimeSpan.FromMilliseconds(399));
        Assert.Empty(driver.TakeAllSent<MembershipMessage.Nack>());
        driver.Advance(TimeSpan.FromMilliseconds(1));

        var (to, nack) = driver.TakeSent<MembershipMessage.Nack>();
        Assert.Equal(("b:1", 70UL), (to, nack.Token));
        driver.Receive(new MembershipMessage.Ack(token, Record(C), []));
        Assert.Equal(("b:1", 70UL), (driver.TakeSent<MembershipMessage.Ack>() is var (late, ack) ? late : "", ack.Token));
    }

    [Theory]
    [InlineData("z:1", 5)]
    [InlineData("c:1", 5)]
    public void Nobody_is_probed_who_is_no_member_or_another_life_of_one(string address, ulong counter)
    {
        var driver = With(B, C);

        driver.Receive(Request(Node(address, counter)));

        Assert.Equal("b:1", driver.TakeSent<MembershipMessage.Nack>().To);
        driver.AssertNothingElse();
    }

    [Fact]
    public void Who_is_no_member_is_not_helped()
    {
        var driver = With(C);

        driver.Receive(Request(C));

        Assert.Equal("b:1", driver.TakeSent<MembershipMessage.Hello>().To);
        driver.AssertNothingElse();
    }

    [Fact]
    public void Who_has_left_since_it_asked_is_told_nothing()
    {
        var driver = With(B, C);
        driver.Receive(Request(C));
        var token = driver.TakeSent<MembershipMessage.Ping>().Message.Token;
        driver.Receive(new MembershipMessage.Leaving(B));
        driver.TakeEvents();

        driver.Receive(new MembershipMessage.Ack(token, Record(C), []));
        driver.Advance(TimeSpan.FromMilliseconds(400));

        Assert.Empty(driver.TakeAllSent<MembershipMessage.Ack>());
        Assert.Empty(driver.TakeAllSent<MembershipMessage.Nack>());
    }

    [Fact]
    public void Of_each_member_only_the_latest_request_is_kept()
    {
        var driver = With(B, C);
        driver.Receive(Request(C, token: 70));
        var first = driver.TakeSent<MembershipMessage.Ping>().Message.Token;
        driver.Receive(Request(C, token: 71));
        var second = driver.TakeSent<MembershipMessage.Ping>().Message.Token;

        driver.Receive(new MembershipMessage.Ack(first, Record(C), []));
        driver.AssertNothingElse();
        driver.Receive(new MembershipMessage.Ack(second, Record(C), []));
        Assert.Equal(71UL, driver.TakeSent<MembershipMessage.Ack>().Message.Token);
    }

    private static MembershipMessage.PingRequest Request(NodeId target, ulong token = 70) => new(token, Record(B), target, []);
}
