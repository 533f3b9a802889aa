using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using Xunit;

namespace PresenceTracker.Tests.Membership;

/// <summary>Several cores together, once with and once without a transport that tells who sent a message.</summary>
public sealed class MembershipClusterTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Three_nodes_that_know_one_seed_see_each_other_within_a_second(bool tellsSender)
    {
        var cluster = new VirtualCluster(tellsSender: tellsSender);
        var a = cluster.Start("a:1", 100, "a:1");
        var b = cluster.Start("b:1", 100, "a:1");
        cluster.Run(TimeSpan.FromMilliseconds(500));
        var c = cluster.Start("c:1", 100, "a:1");
        cluster.Run(TimeSpan.FromMilliseconds(500));

        Assert.True(cluster.AllSeeEachOther());
        foreach (var node in new[] { a, b, c })
        {
            Assert.Single(node.Events.OfType<MembershipEffect.Announceable>());
            Assert.Equal(2, node.Events.OfType<MembershipEffect.NodeUp>().Count());
        }
    }

    [Fact]
    public void Nodes_that_start_at_the_same_moment_and_are_each_others_seeds_join_without_an_event_too_many()
    {
        var cluster = new VirtualCluster();
        string[] all = ["a:1", "b:1", "c:1", "d:1", "e:1"];
        foreach (var address in all)
        {
            cluster.Start(address, 100, all);
        }

        cluster.Run(TimeSpan.FromMinutes(5));

        Assert.True(cluster.AllSeeEachOther());
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(4, node.Events.OfType<MembershipEffect.NodeUp>().Count());
            Assert.Empty(node.Events.OfType<MembershipEffect.SeedsContacted>().Last().Unanswered);
            Assert.DoesNotContain(node.Events, effect => effect is not (
                MembershipEffect.NodeUp or MembershipEffect.SeedsContacted or MembershipEffect.Announceable));
        }
    }

    [Fact]
    public void A_killed_node_is_suspect_then_down_then_removed()
    {
        var (cluster, nodes) = Joined(3);

        cluster.Kill(nodes[2]);
        cluster.RunUntil(() => nodes[0].In(MemberState.Suspect).Any(), TimeSpan.FromSeconds(5), "a suspect");
        cluster.RunUntil(() => nodes[0].In(MemberState.Down).Any(), TimeSpan.FromSeconds(4.1), "a down node");
        cluster.Run(TimeSpan.FromMinutes(20) + Second);
        Assert.Equal(["c:1"], nodes[0].In(MemberState.Removed));

        foreach (var node in cluster.Nodes)
        {
            Assert.Collection(
                node.Events,
                effect => Assert.IsType<MembershipEffect.NodeSuspected>(effect),
                effect => Assert.IsType<MembershipEffect.NodeDown>(effect),
                effect => Assert.Equal(LeaveReason.NodeDown, Assert.IsType<MembershipEffect.NodeRemoved>(effect).Reason));
        }
    }

    [Theory]
    [InlineData(101UL, true)]
    [InlineData(100UL, true)]
    [InlineData(40UL, true)]
    [InlineData(40UL, false)]
    public void A_restarted_node_supersedes_its_former_life_whatever_its_clock_says(ulong counter, bool tellsSender)
    {
        var (cluster, nodes) = Joined(3, tellsSender);
        var former = nodes[2].Core.Self.Node;

        cluster.Kill(nodes[2]);
        var restarted = cluster.Start("c:1", counter, "a:1");
        cluster.Run(TimeSpan.FromSeconds(1.5));

        Assert.True(cluster.AllSeeEachOther());
        Assert.True(restarted.Core.Self.Node.Supersedes(former));
        Assert.Empty(restarted.Events.OfType<MembershipEffect.SelfRaised>());
        foreach (var node in nodes[..2])
        {
            var removed = Assert.Single(node.Events.OfType<MembershipEffect.NodeRemoved>());
            Assert.Equal(new MembershipEffect.NodeRemoved(former, LeaveReason.NodeDown), removed);
            Assert.Equal(restarted.Core.Self.Node, node.Core.Members.Single(view => view.Node.Address == "c:1").Node);
        }
    }

    [Fact]
    public void A_restarted_seed_that_knows_nobody_is_found_again_by_its_peers()
    {
        var (cluster, nodes) = Joined(3);

        cluster.Kill(nodes[0]);
        var restarted = cluster.Start("a:1", 7, "a:1");
        cluster.Run(TimeSpan.FromSeconds(3));

        Assert.True(cluster.AllSeeEachOther());
        Assert.True(restarted.Core.Self.Node.Incarnation.Counter > 100);
    }

    [Fact]
    public void A_node_that_leaves_is_removed_at_once_with_that_reason()
    {
        var (cluster, nodes) = Joined(3);
        var left = nodes[2].Core.Self.Node;

        cluster.Leave(nodes[2]);
        cluster.Run(TimeSpan.FromMilliseconds(50));

        Assert.Equal([new MembershipEffect.NodeRemoved(left, LeaveReason.NodeLeft)], nodes[0].Events);
        Assert.Equal([new MembershipEffect.NodeRemoved(left, LeaveReason.NodeLeft)], nodes[1].Events);
        cluster.Start("c:1", 50, "a:1");
        cluster.Run(2 * Second);
        Assert.True(cluster.AllSeeEachOther());
    }

    [Fact]
    public void Late_messages_of_a_removed_life_never_bring_it_back()
    {
        var (cluster, nodes) = Joined(3);
        var old = nodes[2].Core.Self;
        cluster.Kill(nodes[2]);
        cluster.Run(TimeSpan.FromMinutes(21));
        cluster.ClearEvents();

        for (var i = 0; i < 60; i++)
        {
            cluster.Feed(nodes[0], new MembershipInput.MessageReceived(null, new MembershipMessage.Announcement(old, [])));
            cluster.Feed(nodes[0], new MembershipInput.MessageReceived(null, CoreDriver.Hello(old.Node)));
            cluster.Feed(
                nodes[1],
                new MembershipInput.MessageReceived(null, CoreDriver.Welcome(nodes[0].Core.Self.Node, 0, old.Node)));
            cluster.Run(Second);
        }

        Assert.Empty(nodes[0].Events);
        Assert.DoesNotContain(nodes[1].Events, effect => effect is not MembershipEffect.ReportViolation);
        Assert.Equal(["c:1"], nodes[0].In(MemberState.Removed));
    }

    [Fact]
    public void Of_two_living_processes_at_one_address_one_stops_and_says_why()
    {
        var (cluster, nodes) = Joined(3);

        var second = cluster.Start("c:1", 100, "a:1", "b:1");
        cluster.Run(TimeSpan.FromMinutes(1));

        var causes = new[] { nodes[2].StopCause, second.StopCause }.Where(cause => cause is not null).ToArray();
        Assert.NotEmpty(causes);
        Assert.All(causes, cause => Assert.Equal(new StopCause.AddressTaken("c:1"), cause));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(7_200)]
    public void Of_two_seeds_of_each_other_that_do_not_fit_the_later_one_stops_and_the_earlier_one_goes_on(int secondsBetween)
    {
        var cluster = new VirtualCluster();
        var first = cluster.Start("b:1", 100, "a:1", "b:1");
        cluster.Run(TimeSpan.FromSeconds(secondsBetween));
        cluster.Configure = options => options with { ShardCount = 16 };
        var second = cluster.Start("a:1", 101, "a:1", "b:1");
        cluster.Run(TimeSpan.FromSeconds(30));

        Assert.Equal(new StopCause.SettingDiffers("shard count", "8", "16", "b:1"), second.StopCause);
        Assert.Null(first.StopCause);
    }

    [Fact]
    public void A_joiner_of_another_cluster_stops_and_the_running_nodes_do_not_care()
    {
        var (cluster, nodes) = Joined(2);
        cluster.Configure = options => options with { ClusterName = "other" };

        var joiner = cluster.Start("c:1", 100, "a:1", "b:1");
        cluster.Run(TimeSpan.FromSeconds(10));

        var cause = Assert.IsType<StopCause.SettingDiffers>(joiner.StopCause);
        Assert.Equal(("cluster name", "test", "other"), (cause.Setting, cause.Expected, cause.Actual));
        Assert.All(nodes, node => Assert.Equal(
            MembershipViolationKind.OtherClusterName,
            Assert.IsType<MembershipEffect.ReportViolation>(Assert.Single(node.Events)).Violation.Kind));
    }

    [Fact]
    public void A_new_epoch_reaches_every_peer_at_once_and_every_later_joiner_with_the_node()
    {
        var (cluster, nodes) = Joined(2);
        var epoch = new ShardEpoch(3, 1, 77);

        cluster.Feed(nodes[0], new MembershipInput.ShardEpochCompleted(epoch));
        cluster.Run(TimeSpan.FromMilliseconds(20));
        var joiner = cluster.Start("c:1", 100, "b:1");
        cluster.Run(Second);

        Assert.Equal([new MembershipEffect.EpochRaised(nodes[0].Core.Self.Node, epoch)], nodes[1].Events.Take(1));
        var record = joiner.Events.OfType<MembershipEffect.NodeUp>().Single(up => up.Node.Node.Address == "a:1").Node;
        Assert.Equal([epoch], record.Epochs.ToArray());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    public void A_quiet_cluster_costs_each_node_a_probe_and_an_answer_each_period_at_any_size(int count)
    {
        var (cluster, _) = Joined(count);
        var before = cluster.Delivered;

        cluster.Run(TimeSpan.FromSeconds(100));

        Assert.InRange(cluster.Delivered - before, count * 2 * 99, count * 2 * 101);
    }

    [Fact]
    public void Nodes_that_are_each_others_seeds_and_start_half_a_second_apart_do_not_greet_each_other_for_ever()
    {
        var cluster = new VirtualCluster();
        string[] all = ["a:1", "b:1", "c:1"];
        foreach (var address in all)
        {
            cluster.Start(address, 100, all);
            cluster.Run(TimeSpan.FromMilliseconds(500));
        }

        cluster.Run(5 * Second);
        Assert.True(cluster.AllSeeEachOther());
        var before = cluster.Delivered;

        cluster.Run(TimeSpan.FromSeconds(100));

        Assert.InRange(cluster.Delivered - before, 3 * 2 * 99, 3 * 2 * 101);
    }

    internal static (VirtualCluster Cluster, VirtualNode[] Nodes) Joined(int count, bool tellsSender = true)
    {
        var cluster = new VirtualCluster(tellsSender: tellsSender);
        var nodes = Enumerable.Range(0, count).Select(i => cluster.Start($"{(char)('a' + i)}:1", 100, "a:1")).ToArray();
        cluster.Run(3 * Second);
        Assert.True(cluster.AllSeeEachOther());
        cluster.ClearEvents();
        return (cluster, nodes);
    }
}
