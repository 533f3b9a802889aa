using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

/// <summary>News that does not wait for probes (Lifeguard §III).</summary>
public sealed class DisseminationTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void News_is_told_to_three_others_each_200_ms_as_often_as_the_number_of_nodes_says_and_then_to_none()
    {
        var driver = Settled([.. Enumerable.Range(0, 9).Select(i => Node($"m{i}:1", 5))]);
        driver.AdvanceHearing(Second, [.. driver.Core.Members.Select(member => member.Node)]);
        driver.TakeEvents();
        driver.Receive(new MembershipMessage.Leaving(driver.Core.Members[8].Node));
        driver.TakeEvents();

        var told = new List<string[]>();
        for (var i = 0; i < 3; i++)
        {
            driver.Advance(Interval);
            told.Add(
            [
                .. driver.TakeAllSent<MembershipMessage.Announcement>()
                    .Where(sent => sent.Message.Updates.Any(update => update.Kind == UpdateKind.Left)).Select(sent => sent.To),
            ]);
        }

        // Nine nodes are left, so four times in all; a probe that was sent meanwhile may have taken one along.
        Assert.Equal(3, told[0].Distinct().Count());
        Assert.InRange(told[1].Length, 0, 1);
        Assert.Empty(told[2]);
    }

    [Fact]
    public void Who_has_no_news_sends_no_messages_for_it()
    {
        var members = new[] { Node("b:1", 5), Node("c:1", 5) };
        var driver = Settled(members);

        driver.AdvanceHearing(60 * Second, members);

        Assert.Empty(driver.TakeReceivers<MembershipMessage.Announcement>());
    }

    [Fact]
    public void A_node_alone_keeps_its_news_and_rests()
    {
        var driver = Settled(Node("b:1", 5));
        driver.Receive(new MembershipMessage.Leaving(Node("b:1", 5)));
        driver.TakeEvents();

        driver.Advance(60 * Second);

        Assert.Empty(driver.TakeReceivers<MembershipMessage.Announcement>());
    }

    [Fact]
    public void A_refutation_reaches_everybody_within_a_period()
    {
        var cluster = new VirtualCluster();
        for (var i = 0; i < 20; i++)
        {
            cluster.Start($"n{i:d2}:1", 5, "n00:1");
        }

        cluster.RunUntil(cluster.AllSeeEachOther, 10 * Second, "agreement");
        cluster.Run(10 * Second);
        var suspect = cluster.Nodes[7];
        var accuser = cluster.Nodes[3].Core.Self;
        foreach (var node in cluster.Nodes.Where(node => node.Address != accuser.Node.Address))
        {
            cluster.Feed(node, new MembershipInput.MessageReceived(
                accuser.Node.Address, Told(accuser.Node, UpdateKind.Suspect, suspect.Core.Self.Node)));
        }

        Assert.Contains(suspect.Address, cluster.Nodes[0].In(MemberState.Suspect));

        cluster.RunUntil(
            () => cluster.Nodes.TrueForAll(node => !node.In(MemberState.Suspect).Any()), Second, "end of the doubt everywhere");
    }
}
