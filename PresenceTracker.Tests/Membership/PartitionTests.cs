using PresenceTracker.Protocol.Membership;
using Xunit;

namespace PresenceTracker.Tests.Membership;

/// <summary>Small clusters that are cut or in which a node stands still, with and without a transport that names the sender.</summary>
public sealed class PartitionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_node_that_was_paused_blames_nobody_and_returns_in_the_same_life()
    {
        var (cluster, nodes) = MembershipClusterTests.Joined(3);

        cluster.Pause(nodes[2]);
        cluster.Run(TimeSpan.FromSeconds(60));
        Assert.Equal(["c:1"], nodes[0].In(MemberState.Down));
        cluster.Resume(nodes[2]);
        cluster.Run(Second);

        Assert.True(cluster.AllSeeEachOther());
        Assert.Empty(nodes[2].Events);
        Assert.Single(nodes[0].Events.OfType<MembershipEffect.NodeReturned>());
        Assert.Empty(nodes[0].Events.OfType<MembershipEffect.NodeRemoved>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_that_outlives_its_own_removal_refutes_it_and_is_up_again_within_two_seconds(bool tellsSender)
    {
        var (cluster, nodes) = MembershipClusterTests.Joined(3, tellsSender);

        cluster.Pause(nodes[2]);
        cluster.Run(TimeSpan.FromMinutes(21));
        Assert.Equal(["c:1"], nodes[0].In(MemberState.Removed));
        cluster.ClearEvents();
        cluster.Resume(nodes[2]);
        cluster.Run(2 * Second);

        Assert.True(cluster.AllSeeEachOther());
        Assert.Single(nodes[0].Events.OfType<MembershipEffect.NodeUp>());
        Assert.Empty(nodes[2].Events);
        Assert.Equal(100UL, nodes[2].Core.Self.Node.Incarnation.Counter);
    }

    [Theory]
    [InlineData(12, true)]
    [InlineData(25 * 60, true)]
    [InlineData(25 * 60, false)]
    [InlineData(50 * 60, true)]
    public void A_cut_heals_within_two_seconds_however_long_it_was(int seconds, bool tellsSender)
    {
        var (cluster, nodes) = MembershipClusterTests.Joined(3, tellsSender);

        cluster.Cut(nodes[0], nodes[1]);
        cluster.Cut(nodes[0], nodes[2]);
        cluster.Run(TimeSpan.FromSeconds(seconds));
        Assert.Empty(nodes[0].In(MemberState.Up));
        Assert.Equal(["c:1"], nodes[1].In(MemberState.Up));
        cluster.Heal();
        cluster.Run(2 * Second);

        Assert.True(cluster.AllSeeEachOther());
    }

    [Fact]
    public void A_cut_that_outlasts_the_removal_records_heals_by_itself()
    {
        var (cluster, nodes) = MembershipClusterTests.Joined(3);

        cluster.Cut(nodes[0], nodes[1]);
        cluster.Cut(nodes[0], nodes[2]);
        cluster.Run(TimeSpan.FromHours(25));
        cluster.Heal();
        cluster.Run(TimeSpan.FromSeconds(30));

        Assert.True(cluster.AllSeeEachOther());
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(25 * 60, true)]
    [InlineData(25 * 60, false)]
    public void Nodes_that_joined_different_sides_of_a_cut_meet_when_it_heals(int seconds, bool tellsSender)
    {
        var (cluster, nodes) = MembershipClusterTests.Joined(2, tellsSender);

        cluster.Cut(nodes[0], nodes[1]);
        cluster.Run(TimeSpan.FromSeconds(seconds));
        var left = cluster.Start("c:1", 100, "a:1");
        var right = cluster.Start("d:1", 100, "b:1");
        cluster.Cut(left, nodes[1]);
        cluster.Cut(left, right);
        cluster.Cut(right, nodes[0]);
        cluster.Run(3 * Second);
        Assert.Equal(["a:1"], left.In(MemberState.Up));
        Assert.Equal(["b:1"], right.In(MemberState.Up));
        cluster.Heal();
        cluster.Run(2 * Second);

        Assert.True(cluster.AllSeeEachOther());
    }

    [Fact]
    public void A_link_that_is_dead_in_one_direction_makes_nobody_doubt_anybody_while_there_is_a_way_round()
    {
        var (cluster, nodes) = MembershipClusterTests.Joined(3);

        cluster.CutOneWay(nodes[0], nodes[1]);
        cluster.Run(TimeSpan.FromMinutes(2));

        Assert.True(cluster.AllSeeEachOther());
        Assert.All(nodes, node => Assert.Empty(node.Events));
    }

    [Fact]
    public void Without_a_way_round_a_link_that_is_dead_in_one_direction_hides_who_does_not_answer_and_heals()
    {
        var (cluster, nodes) = MembershipClusterTests.Joined(2);

        cluster.CutOneWay(nodes[0], nodes[1]);
        cluster.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(["a:1"], nodes[1].In(MemberState.Down));
        Assert.Equal(["b:1"], nodes[0].In(MemberState.Down));
        cluster.Heal();
        cluster.Run(2 * Second);

        Assert.True(cluster.AllSeeEachOther());
    }

    [Fact]
    public void Two_islands_that_know_different_lives_of_one_address_agree_on_the_living_one_without_a_restart()
    {
        var (cluster, nodes) = MembershipClusterTests.Joined(3);
        var (a, b, c) = (nodes[0], nodes[1], nodes[2]);
        cluster.Cut(a, b);
        cluster.Cut(a, c);
        cluster.Run(TimeSpan.FromSeconds(20));

        // On the island of b and c, c is restarted often enough to have a counter far above that of its present life.
        cluster.Kill(c);
        var later = cluster.Start("c:1", 900, "b:1");
        cluster.Run(5 * Second);
        cluster.Kill(later);
        cluster.Run(Second);
        cluster.Heal();
        cluster.Cut(b, later);
        var present = cluster.Start("c:1", 110, "a:1");
        cluster.Run(5 * Second);
        Assert.Equal(110UL, present.Core.Self.Node.Incarnation.Counter);
        cluster.Heal();
        cluster.Run(5 * Second);

        Assert.True(cluster.AllSeeEachOther());
        Assert.True(present.Core.Self.Node.Incarnation.Counter > 900);
        Assert.Single(present.Events.OfType<MembershipEffect.SelfRaised>());
        Assert.Single(a.Events.OfType<MembershipEffect.NodeRenamed>());
        Assert.Null(present.StopCause);
    }
}
