using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

/// <summary>Whom a node probes and when (SWIM §3.1 and §4.3), and how far it trusts itself (Lifeguard §IV-A).</summary>
public sealed class ProberTests
{
    private const int StepsPerPeriod = 10;

    private static readonly NodeId B = Node("b:1", 5);
    private static readonly NodeId C = Node("c:1", 6);
    private static readonly NodeId D = Node("d:1", 7);
    private static readonly NodeId E = Node("e:1", 8);
    private static readonly NodeId F = Node("f:1", 9);

    [Fact]
    public void Each_round_takes_each_member_once_in_an_order_of_its_own()
    {
        var probed = Probed(With(B, C, D, E, F), periods: 25, B, C, D, E, F);

        var rounds = probed.Chunk(5).ToList();
        Assert.Equal(5, rounds.Count);
        Assert.All(rounds, round => Assert.Equal(["b:1", "c:1", "d:1", "e:1", "f:1"], round.Order(StringComparer.Ordinal)));
        Assert.True(rounds.Select(round => string.Concat(round)).Distinct().Count() > 1, "every round had the same order");
    }

    [Fact]
    public void Two_probes_of_one_member_are_at_most_twice_the_number_of_members_less_one_periods_apart_also_when_others_join()
    {
        var driver = With(B, C, D);
        var probed = Probed(driver, periods: 7, B, C, D);
        driver.Receive(Hello(E));
        driver.TakeEvents();
        probed.AddRange(Probed(driver, periods: 30, B, C, D, E));

        foreach (var member in (string[])["b:1", "c:1", "d:1"])
        {
            var turns = probed.Index().Where(turn => turn.Item == member).Select(turn => turn.Index).ToList();
            Assert.All(turns.Zip(turns.Skip(1), (turn, next) => next - turn), gap => Assert.InRange(gap, 1, (2 * 4) - 1));
        }

        Assert.InRange(probed.IndexOf("e:1"), 7, 7 + 4 - 1);
    }

    [Fact]
    public void Who_does_not_answer_in_half_a_second_is_probed_by_others_and_at_the_end_of_the_period_suspected_and_told()
    {
        var driver = Settled(B, C, D, E, F);
        var (target, token) = FirstProbe(driver);

        driver.Advance(TimeSpan.FromMilliseconds(499));
        driver.AssertNothingElse();
        driver.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(target, driver.TakeSent<MembershipMessage.Ping>().To);
        var asked = driver.TakeAllSent<MembershipMessage.PingRequest>();
        Assert.Equal(3, asked.Select(request => request.To).Where(to => to != target).Distinct().Count());
        Assert.All(asked, request => Assert.Equal((target, token), (request.Message.Target.Address, request.Message.Token)));
        driver.Advance(TimeSpan.FromMilliseconds(499));
        driver.AssertNothingElse();
        driver.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(target, driver.Take<MembershipEffect.NodeSuspected>().Node.Address);
        var (to, told) = driver.TakeSent<MembershipMessage.Announcement>();
        Assert.Equal((target, UpdateKind.Suspect, OwnAddress), (to, told.Updates[0].Kind, told.Updates[0].Accuser));
    }

    [Fact]
    public void An_answer_through_a_helper_is_one()
    {
        var driver = With(B, C, D, E, F);
        var (target, token) = FirstProbe(driver);
        driver.Advance(TimeSpan.FromMilliseconds(500));
        var helper = driver.TakeAllSent<MembershipMessage.PingRequest>()[0].To;
        driver.TakeEvents();

        driver.Receive(new MembershipMessage.Ack(token, Record(One(helper)), []));
        driver.Advance(TimeSpan.FromMilliseconds(600));

        Assert.Equal(MemberState.Up, driver.StateOf(target));
    }

    [Fact]
    public void An_answer_of_somebody_who_was_not_asked_or_to_another_probe_is_none()
    {
        var driver = With(B, C, D, E, F);
        var (target, token) = FirstProbe(driver);
        var stranger = target == "b:1" ? C : B;

        driver.Receive(new MembershipMessage.Ack(token, Record(stranger), []));
        driver.Receive(new MembershipMessage.Ack(token + 1, Record(One(target)), []));
        driver.Advance(Second);

        Assert.Equal(MemberState.Suspect, driver.StateOf(target));
    }

    [Fact]
    public void Helpers_who_say_nothing_at_all_make_a_node_slower_and_those_who_say_that_they_live_do_not()
    {
        Assert.Equal(5, PeriodsIn(TimeSpan.FromSeconds(4.5), helpersSpeak: true));
        Assert.Equal(2, PeriodsIn(TimeSpan.FromSeconds(4.5), helpersSpeak: false));
    }

    [Fact]
    public void A_node_that_had_to_refute_a_doubt_of_itself_probes_at_half_the_pace_until_a_probe_succeeds()
    {
        var driver = With(B, C, D);
        FirstProbe(driver);
        driver.Receive(Told(B, UpdateKind.Suspect, driver.Core.Self.Node));
        driver.TakeEvents();

        // The period that runs ends as it would have, and its probe of somebody who says nothing has no helper who speaks either.
        driver.Advance(Second);
        driver.TakeEvents();
        driver.Advance(Second);

        Assert.Empty(driver.TakeAllSent<MembershipMessage.Ping>());
    }

    [Fact]
    public void A_member_whose_connection_broke_is_probed_at_once_but_only_once_in_a_period()
    {
        var driver = Settled(B, C, D);
        var (first, token) = FirstProbe(driver);
        driver.Receive(new MembershipMessage.Ack(token, Record(One(first)), []));
        var others = new[] { B, C, D }.Where(node => node.Address != first).ToList();

        driver.Do(new MembershipInput.PeerUnreachable(others[0].Address));
        var (to, ping) = driver.TakeSent<MembershipMessage.Ping>();
        Assert.Equal(others[0].Address, to);
        driver.Receive(new MembershipMessage.Ack(ping.Token, Record(others[0]), []));
        driver.Do(new MembershipInput.PeerUnreachable(others[1].Address));
        driver.AssertNothingElse();

        driver.Advance(Second);
        Assert.Equal(others[1].Address, driver.TakeAllSent<MembershipMessage.Ping>()[0].To);
    }

    [Fact]
    public void A_closed_connection_of_a_stranger_or_of_who_is_down_is_nothing()
    {
        var driver = With(B, C);
        driver.Receive(Told(C, UpdateKind.Down, B));
        driver.TakeEvents();

        driver.Do(new MembershipInput.PeerUnreachable("b:1"));
        driver.Do(new MembershipInput.PeerUnreachable("z:1"));

        driver.AssertNothingElse();
    }

    [Fact]
    public void A_node_that_stood_still_accuses_nobody_of_what_was_due_meanwhile()
    {
        var driver = With(B, C, D);
        FirstProbe(driver);

        driver.Pause(TimeSpan.FromSeconds(20));
        driver.Advance(TimeSpan.FromMilliseconds(400));

        Assert.DoesNotContain(driver.TakeEvents(), effect => effect is MembershipEffect.NodeSuspected);
    }

    private static NodeId One(string address) => new[] { B, C, D, E, F }.Single(node => node.Address == address);

    /// <summary>The first probe is sent, and nothing else has happened.</summary>
    private static (string Target, ulong Token) FirstProbe(CoreDriver driver)
    {
        for (var step = 0; step <= 1_000; step++)
        {
            driver.Advance(TimeSpan.FromMilliseconds(1));
            if (driver.TakeAllSent<MembershipMessage.Ping>() is [var (to, ping)])
            {
                return (to, ping.Token);
            }
        }

        throw new InvalidOperationException("nobody was probed within a period");
    }

    /// <summary>Whom the node probes, while every probe is answered within a tenth of a period.</summary>
    private static List<string> Probed(CoreDriver driver, int periods, params NodeId[] members)
    {
        var probed = new List<string>();
        for (var step = 0; step < periods * StepsPerPeriod; step++)
        {
            driver.Advance(Second / StepsPerPeriod);
            foreach (var (to, ping) in driver.TakeAllSent<MembershipMessage.Ping>())
            {
                probed.Add(to);
                driver.Receive(new MembershipMessage.Ack(ping.Token, Record(members.Single(node => node.Address == to)), []));
            }
        }

        Assert.Equal(periods, probed.Count);
        return probed;
    }

    /// <summary>How many probes a node begins in that time of which none is answered.</summary>
    private static int PeriodsIn(TimeSpan span, bool helpersSpeak)
    {
        var driver = With(B, C, D, E, F);
        FirstProbe(driver);
        var tokens = new HashSet<ulong>();
        for (var end = driver.Now + span; driver.Now < end;)
        {
            driver.Advance(TimeSpan.FromMilliseconds(50));
            foreach (var (_, ping) in driver.TakeAllSent<MembershipMessage.Ping>())
            {
                tokens.Add(ping.Token);
            }

            foreach (var (to, request) in driver.TakeAllSent<MembershipMessage.PingRequest>().Where(_ => helpersSpeak))
            {
                driver.Receive(new MembershipMessage.Nack(request.Token, Record(One(to), refutation: 1_000_000), []));
            }
        }

        return tokens.Count;
    }
}
