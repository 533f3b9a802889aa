using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

public sealed class GreetingTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void An_address_that_does_not_answer_is_greeted_every_second_for_an_hour_and_then_in_turn_with_the_others_for_ever()
    {
        var driver = new CoreDriver(Options("b:1", "c:1", "d:1"));
        driver.Do(new MembershipInput.Started());

        driver.Advance(TimeSpan.FromHours(1) - Tick);
        var greeted = driver.TakeReceivers<MembershipMessage.Hello>();
        Assert.Equal(3600, greeted.Count(address => address == "b:1"));
        Assert.Equal(3600, greeted.Count(address => address == "c:1"));

        driver.Advance(Tick);
        Assert.Equal(["b:1"], driver.TakeReceivers<MembershipMessage.Hello>());
        driver.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(["c:1", "d:1", "b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Hello>());
        driver.Advance(TimeSpan.FromHours(24));
        Assert.Equal(8640, driver.TakeReceivers<MembershipMessage.Hello>().Length);
    }

    [Fact]
    public void A_removed_node_is_greeted_again_every_second_although_it_was_never_a_seed()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.AdvanceHearing(TimeSpan.FromHours(2), b);
        driver.Advance(TimeSpan.FromMinutes(20) + TimeSpan.FromSeconds(9));
        Assert.Equal(MemberState.Removed, driver.StateOf("b:1"));
        driver.TakeReceivers<MembershipMessage.Hello>();

        driver.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(Enumerable.Repeat("b:1", 5), driver.TakeReceivers<MembershipMessage.Hello>());
    }

    [Fact]
    public void A_node_that_left_gracefully_is_greeted_only_in_turn_with_the_long_lost()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Receive(new MembershipMessage.Leaving(b));
        driver.TakeEvents();

        driver.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(6, driver.TakeReceivers<MembershipMessage.Hello>().Length);
    }

    [Fact]
    public void A_seed_that_left_gracefully_is_greeted_every_second_because_its_successor_will_be_there()
    {
        var driver = Started("b:1");
        driver.Receive(Welcome(Node("b:1", 5)));
        driver.Receive(new MembershipMessage.Leaving(Node("b:1", 5)));
        driver.TakeEvents();

        driver.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(5, driver.TakeReceivers<MembershipMessage.Hello>().Length);
    }

    [Fact]
    public void Of_a_life_that_has_left_hearsay_is_no_news_but_of_any_other_at_its_address_it_is()
    {
        var driver = Started("b:1");
        driver.Receive(Hello(Node("c:1", 50)));
        driver.Receive(new MembershipMessage.Leaving(Node("c:1", 50)));
        driver.TakeEvents();

        driver.Receive(Welcome(Node("b:1", 5), 0, Node("c:1", 50)));
        Assert.Empty(driver.TakeReceivers<MembershipMessage.Hello>());

        driver.Advance(Second);
        driver.TakeEvents();
        driver.Receive(Welcome(Node("b:1", 5), 0, Node("c:1", 49)));
        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, driver.TakeReceivers<MembershipMessage.Hello>().Length);
    }

    [Fact]
    public void When_the_address_book_is_full_of_members_a_further_hello_is_counted_and_not_answered()
    {
        var driver = Started(Options() with { AddressesMax = 2 });
        driver.Receive(Hello(Node("b:1", 1)));
        driver.Receive(Hello(Node("c:1", 1)));
        driver.TakeEvents();

        driver.Receive(Hello(Node("d:1", 1)));

        driver.AssertViolation(MembershipViolationKind.TooManyAddresses);
        driver.AssertNothingElse();
        Assert.Null(driver.StateOf("d:1"));
        driver.Receive(Announcement(Node("e:1", 1)));
        driver.Take<MembershipEffect.ReportViolation>();
        driver.AssertNothingElse();
    }

    [Fact]
    public void When_the_address_book_is_full_the_address_lost_longest_ago_makes_room_but_never_a_seed()
    {
        var driver = Started(Options("s:1") with { AddressesMax = 4 });
        NodeId[] nodes = [Node("c:1", 1), Node("b:1", 1), Node("d:1", 1)];
        foreach (var node in nodes)
        {
            driver.Receive(Hello(node));
            driver.Receive(Welcome(node));
        }

        driver.Receive(new MembershipMessage.Leaving(nodes[0]));
        driver.Advance(Second);
        driver.Receive(new MembershipMessage.Leaving(nodes[1]));
        driver.Advance(Second);
        driver.TakeEvents();

        driver.Receive(Hello(Node("e:1", 1)));
        driver.Receive(Welcome(Node("e:1", 1)));
        driver.TakeReceivers<MembershipMessage.Hello>();

        Assert.Equal(MemberState.Up, driver.StateOf("e:1"));
        driver.AdvanceHearing(TimeSpan.FromMinutes(1), nodes[2], Node("e:1", 1));
        Assert.Equal(["b:1", "s:1"], driver.TakeReceivers<MembershipMessage.Hello>().Distinct().Order());
    }
}
