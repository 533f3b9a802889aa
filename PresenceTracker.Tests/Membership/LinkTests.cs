using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

/// <summary>In a large cluster neighbours probe each other, and what they find is broadcast.</summary>
public sealed class LinkTests
{
    private static readonly NodeId B = Node("b:1", 5);
    private static readonly NodeId C = Node("c:1", 6);
    private static readonly NodeId D = Node("d:1", 7);
    private static readonly NodeId E = Node("e:1", 8);
    private static readonly NodeId F = Node("f:1", 9);
    private static readonly NodeId[] All = [B, C, D, E, F];

    [Fact]
    public void Each_neighbour_is_probed_once_in_each_period_and_in_one_of_ten_the_next_of_all_members_too()
    {
        var driver = Settled(All);
        driver.Do(new MembershipInput.LinksChanged([B, C]));
        driver.AdvanceHearing(Second, All);
        driver.TakeEvents();

        var probed = new List<string>();
        for (var period = 0; period < 40; period++)
        {
            var seen = ProbedIn(driver, Second);
            Assert.Equal(["b:1", "c:1"], seen.Where(to => to is "b:1" or "c:1").Distinct().Order());
            probed.AddRange(seen);
        }

        Assert.InRange(probed.Count(to => to == "b:1"), 40, 44);
        Assert.InRange(probed.Count(to => to is not ("b:1" or "c:1")), 1, 4);
    }

    [Fact]
    public void A_silent_neighbour_is_probed_by_those_whom_it_named_and_the_suspicion_is_broadcast_once()
    {
        var driver = Settled(All);
        driver.Do(new MembershipInput.LinksChanged([B]));
        driver.TakeEvents();
        var token = NextProbeOf(driver, B);
        driver.Receive(new MembershipMessage.Ack(token, Record(B), [], Neighbors: ["a:1", "e:1", "f:1"]));
        token = NextProbeOf(driver, B);

        driver.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(["e:1", "f:1"], driver.TakeReceivers<MembershipMessage.PingRequest>().Order(StringComparer.Ordinal));
        driver.TakeEvents();
        driver.Advance(TimeSpan.FromMilliseconds(500));

        var told = driver.Take<MembershipEffect.Broadcast>().Announcement;
        Assert.Equal(driver.Core.Self, told.Self);
        Assert.Equal(new MemberUpdate(B, 1, UpdateKind.Suspect, OwnAddress), Assert.Single(told.Updates));
        driver.TakeEvents();
        driver.Advance(2 * Second);
        Assert.DoesNotContain(driver.TakeEvents(), effect => effect is MembershipEffect.Broadcast);
    }

    [Fact]
    public void Who_accused_a_node_broadcasts_its_death_and_who_only_heard_of_it_does_not()
    {
        var accuser = Settled(All);
        accuser.Do(new MembershipInput.LinksChanged([B]));
        NextProbeOf(accuser, B);
        accuser.Advance(Second);
        accuser.TakeEvents();
        accuser.Receive(Told(C, UpdateKind.Suspect, B));
        accuser.Receive(Told(D, UpdateKind.Suspect, B));
        Assert.DoesNotContain(accuser.TakeEvents(), effect => effect is MembershipEffect.Broadcast);
        accuser.Advance(30 * Second);
        Assert.Contains(
            accuser.TakeEvents().OfType<MembershipEffect.Broadcast>(), told => told.Announcement.Updates.Contains(new MemberUpdate(B, 1, UpdateKind.Down)));

        var hearer = Settled(All);
        hearer.Do(new MembershipInput.LinksChanged([C]));
        hearer.Receive(Told(C, UpdateKind.Suspect, B));
        // Its turn in the round of all members comes in one period of ten: this is over before.
        hearer.AdvanceHearing(4 * Second, C, D, E, F);
        hearer.Receive(Told(D, UpdateKind.Suspect, B));
        hearer.Receive(Told(E, UpdateKind.Suspect, B));
        hearer.AdvanceHearing(TimeSpan.FromMilliseconds(100), C, D, E, F);
        Assert.Equal(MemberState.Down, hearer.StateOf("b:1"));
        Assert.DoesNotContain(hearer.TakeEvents(), effect => effect is MembershipEffect.Broadcast);
    }

    [Fact]
    public void A_refutation_is_broadcast_and_without_links_nothing_is()
    {
        var driver = Settled(All);
        driver.Receive(Told(B, UpdateKind.Suspect, driver.Core.Self.Node));
        Assert.DoesNotContain(driver.TakeEvents(), effect => effect is MembershipEffect.Broadcast);

        driver.Do(new MembershipInput.LinksChanged([B]));
        driver.Receive(Told(B, UpdateKind.Suspect, driver.Core.Self.Node, driver.Core.Self.Refutation));

        var told = driver.Take<MembershipEffect.Broadcast>().Announcement;
        Assert.Equal(new MemberUpdate(driver.Core.Self.Node, driver.Core.Self.Refutation, UpdateKind.Alive), Assert.Single(told.Updates));
    }

    [Fact]
    public void An_answer_names_the_neighbours_and_news_goes_to_them_alone()
    {
        var driver = Settled(All);
        driver.Do(new MembershipInput.LinksChanged([C, E]));
        driver.Receive(new MembershipMessage.Ping(7, Record(B), []));
        Assert.Equal(["c:1", "e:1"], driver.TakeSent<MembershipMessage.Ack>().Message.Neighbors.ToArray());

        driver.Receive(Told(B, UpdateKind.Alive, D, refutation: 3));
        driver.TakeEvents();
        driver.AdvanceHearing(TimeSpan.FromMilliseconds(190), All);

        Assert.Subset(new HashSet<string>(["c:1", "e:1"]), new HashSet<string>(driver.TakeReceivers<MembershipMessage.Announcement>()));
    }

    private static List<string> ProbedIn(CoreDriver driver, TimeSpan span)
    {
        var probed = new List<string>();
        for (var step = 0; step < 10; step++)
        {
            driver.Advance(span / 10);
            foreach (var (to, ping) in driver.TakeAllSent<MembershipMessage.Ping>())
            {
                probed.Add(to);
                driver.Receive(new MembershipMessage.Ack(ping.Token, Record(All.Single(node => node.Address == to)), []));
            }
        }

        return probed;
    }

    /// <summary>The token of the next probe of the node, which has just been sent; other probes are answered.</summary>
    private static ulong NextProbeOf(CoreDriver driver, NodeId node)
    {
        for (var step = 0; step <= 3_000; step++)
        {
            driver.Advance(TimeSpan.FromMilliseconds(1));
            foreach (var (to, ping) in driver.TakeAllSent<MembershipMessage.Ping>())
            {
                if (to == node.Address) return ping.Token;

                driver.Receive(new MembershipMessage.Ack(ping.Token, Record(All.Single(each => each.Address == to)), []));
            }
        }

        throw new InvalidOperationException($"{node} was not probed within three periods");
    }
}
