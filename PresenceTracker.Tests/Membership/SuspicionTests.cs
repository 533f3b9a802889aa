using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

/// <summary>How long a suspicion lasts, and how it is told on (SWIM §4.1 and §4.2, Lifeguard §IV-B).</summary>
public sealed class SuspicionTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    /// <summary>With α = 4 and β = 6 of 10 nodes: 24 s alone, and 4 s once two others accuse too; of three nodes nobody could confirm.</summary>
    [Theory]
    [InlineData(3, 0, 4_000)]
    [InlineData(10, 0, 24_000)]
    [InlineData(10, 1, 11_381)]
    [InlineData(10, 2, 4_000)]
    [InlineData(10, 5, 4_000)]
    [InlineData(50, 2, 6_796)]
    public void It_lasts_as_long_as_the_number_of_nodes_and_of_accusers_says(int nodes, int confirmations, int milliseconds)
    {
        var members = Members(nodes - 1);
        var driver = Settled(members);
        driver.Receive(Told(members[1], UpdateKind.Suspect, members[0]));
        for (var accuser = 2; accuser < 2 + confirmations; accuser++)
        {
            driver.Receive(Told(members[accuser], UpdateKind.Suspect, members[0]));
        }

        AdvanceAnswering(driver, TimeSpan.FromMilliseconds(milliseconds) - Moment, members);
        Assert.Equal(MemberState.Suspect, driver.StateOf(members[0].Address));
        AdvanceAnswering(driver, 2 * Moment, members);

        Assert.Equal(MemberState.Down, driver.StateOf(members[0].Address));
    }

    [Fact]
    public void The_same_accuser_counts_once_whoever_tells_of_it()
    {
        var members = Members(9);
        var driver = Settled(members);
        foreach (var teller in members[1..])
        {
            driver.Receive(Told(teller, UpdateKind.Suspect, members[0], by: members[1].Address));
        }

        AdvanceAnswering(driver, TimeSpan.FromSeconds(12), members);

        Assert.Equal(MemberState.Suspect, driver.StateOf(members[0].Address));
    }

    [Fact]
    public void An_accuser_that_counts_is_told_on_and_one_too_many_is_not()
    {
        var members = Members(9);
        var driver = Settled(members);
        driver.Receive(Told(members[1], UpdateKind.Suspect, members[0]));
        Assert.Equal([members[1].Address], AccusersTold(driver, members));

        driver.Receive(Told(members[2], UpdateKind.Suspect, members[0]));
        Assert.Equal([members[2].Address], AccusersTold(driver, members));
        driver.Receive(Told(members[3], UpdateKind.Suspect, members[0]));
        Assert.Equal([members[3].Address], AccusersTold(driver, members));
        driver.Receive(Told(members[4], UpdateKind.Suspect, members[0]));
        Assert.Empty(AccusersTold(driver, members));
    }

    [Fact]
    public void A_refutation_ends_it_and_a_doubt_of_what_was_refuted_begins_none()
    {
        var members = Members(3);
        var driver = Settled(members);
        driver.Receive(Told(members[1], UpdateKind.Suspect, members[0]));
        driver.Receive(Told(members[2], UpdateKind.Alive, members[0], refutation: 2));
        Assert.Equal(MemberState.Up, driver.StateOf(members[0].Address));

        driver.Receive(Told(members[1], UpdateKind.Suspect, members[0]));
        driver.Receive(Told(members[1], UpdateKind.Down, members[0]));
        Assert.Equal(MemberState.Up, driver.StateOf(members[0].Address));

        AdvanceAnswering(driver, TimeSpan.FromMinutes(1), members);
        Assert.Equal(MemberState.Up, driver.StateOf(members[0].Address));
    }

    [Fact]
    public void A_node_that_stood_still_gives_its_suspects_the_time_that_it_missed()
    {
        var members = Members(3);
        var driver = Settled(members);
        driver.Receive(Told(members[1], UpdateKind.Suspect, members[0]));

        driver.Pause(TimeSpan.FromMinutes(1));
        AdvanceAnswering(driver, TimeSpan.FromMilliseconds(900), members);
        Assert.Equal(MemberState.Suspect, driver.StateOf(members[0].Address));
        driver.Receive(Announcement(members[0], refutation: 2));

        Assert.Equal(MemberState.Up, driver.StateOf(members[0].Address));
    }

    [Fact]
    public void A_piece_of_news_is_told_as_often_as_the_number_of_nodes_says_and_then_no_more()
    {
        var members = Members(9);
        var driver = Settled(members);
        driver.Receive(new MembershipMessage.Leaving(members[8]));
        driver.TakeEvents();

        var told = 0;
        for (var ping = 0UL; ping < 20; ping++)
        {
            driver.Receive(new MembershipMessage.Ping(ping, Record(members[0]), []));
            told += driver.TakeSent<MembershipMessage.Ack>().Message.Updates.Count(update => update.Kind == UpdateKind.Left);
        }

        Assert.Equal(4 * 1, told);
    }

    [Fact]
    public void A_message_carries_no_more_than_its_limit_and_first_what_was_told_least()
    {
        var members = Members(60);
        var driver = With(members);

        var seen = new List<string>();
        for (var ping = 0UL; ping < 6; ping++)
        {
            driver.Receive(new MembershipMessage.Ping(ping, Record(members[0]), []));
            var updates = driver.TakeSent<MembershipMessage.Ack>().Message.Updates;
            Assert.InRange(updates.Length, 1, MembershipOptions.UpdatesPerMessageMax);
            seen.AddRange(updates.Select(update => update.Node.Address));
        }

        Assert.Equal(60, seen.Take(60).Distinct().Count());
    }

    private static NodeId[] Members(int count) => [.. Enumerable.Range(0, count).Select(i => Node($"m{i:d2}:1", 5))];

    /// <summary>Every member answers its probes, also the suspect, but refutes nothing thereby.</summary>
    private static void AdvanceAnswering(CoreDriver driver, TimeSpan span, NodeId[] members)
    {
        for (var end = driver.Now + span; driver.Now < end;)
        {
            var left = end - driver.Now;
            driver.Advance(left < Step ? left : Step);
            foreach (var (to, ping) in driver.TakeAllSent<MembershipMessage.Ping>())
            {
                driver.Receive(new MembershipMessage.Ack(ping.Token, Record(members.Single(member => member.Address == to)), []));
            }
        }

        driver.TakeEvents();
    }

    /// <summary>Whom the node names as accusers of the first member in what it answers another.</summary>
    private static string[] AccusersTold(CoreDriver driver, NodeId[] members)
    {
        driver.TakeEvents();
        var accusers = new List<string>();
        for (var ping = 0UL; ping < 8; ping++)
        {
            driver.Receive(new MembershipMessage.Ping(ping, Record(members[8]), []));
            accusers.AddRange(driver.TakeSent<MembershipMessage.Ack>().Message.Updates
                .Where(update => update.Node == members[0] && update.Kind == UpdateKind.Suspect).Select(update => update.Accuser!));
        }

        return [.. accusers.Distinct()];
    }
}
