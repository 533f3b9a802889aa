using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using Xunit;
using static PresenceTracker.Tests.Membership.VirtualCluster;

namespace PresenceTracker.Tests.Membership;

/// <summary>Where a cluster around says who is a peer: what it says, folded, drives the cores on virtual time.</summary>
public sealed class ClusterPeersTests
{
    private readonly VirtualCluster _cluster = new() { Configure = Given };
    private readonly Dictionary<VirtualNode, ClusterPeers> _peers = [];

    [Fact]
    public void Those_that_the_cluster_knows_become_peers_and_nobody_waits_before_it_knows_the_node_itself()
    {
        var nodes = Start("a:1", "b:1", "c:1");
        _cluster.Run(Second);
        Assert.All(nodes, node => Assert.Empty(node.Core.Members));
        Assert.DoesNotContain(nodes[0].Events, told => told is MembershipEffect.SeedsContacted or MembershipEffect.Announceable);

        SnapshotTo(nodes);

        _cluster.RunUntil(_cluster.AllSeeEachOther, 2 * Second, "members");
        Assert.All(nodes, node => Assert.Single(node.Events.OfType<MembershipEffect.Announceable>()));
    }

    [Fact]
    public void A_lone_member_knows_at_once_that_there_is_nobody_else()
    {
        var node = Start("a:1")[0];

        SnapshotTo([node]);

        Assert.Empty(Assert.Single(node.Events.OfType<MembershipEffect.SeedsContacted>()).Unanswered);
        Assert.Single(node.Events.OfType<MembershipEffect.Announceable>());
    }

    [Fact]
    public void Who_is_not_in_the_cluster_is_no_peer_whoever_it_greets_and_counted()
    {
        var nodes = Started("a:1", "b:1");
        _cluster.Configure = options => options;
        var stranger = _cluster.Start("s:1", 7, "a:1");

        _cluster.Run(5 * Second);

        Assert.All(nodes, node => Assert.DoesNotContain("s:1", node.In(MemberState.Up)));
        Assert.Empty(stranger.Core.Members);
        Assert.Contains(
            nodes[0].Events.OfType<MembershipEffect.ReportViolation>(),
            report => report.Violation is { Kind: MembershipViolationKind.OutsideCluster, Address: "s:1" });
    }

    [Fact]
    public void A_member_that_all_hear_of_at_different_moments_is_taken_in_by_all()
    {
        var nodes = Started("a:1", "b:1");
        var late = Start("c:1")[0];
        nodes.Add(late);
        SnapshotTo([late], nodes);
        _cluster.Run(Second);
        Change(nodes[0], new ClusterChange.Changed(Member(late)));
        _cluster.Run(2 * Second);
        Assert.DoesNotContain("c:1", nodes[1].In(MemberState.Up));

        Change(nodes[1], new ClusterChange.Changed(Member(late)));

        _cluster.RunUntil(_cluster.AllSeeEachOther, 2 * Second, "members");
    }

    [Theory]
    [InlineData(true, LeaveReason.NodeLeft)]
    [InlineData(false, LeaveReason.NodeDown)]
    public void Who_is_removed_from_the_cluster_is_removed_at_once_and_never_greeted_again(bool hasLeft, LeaveReason reason)
    {
        var nodes = Started("a:1", "b:1", "c:1");
        var gone = nodes[2];
        _cluster.Kill(gone);
        nodes.Remove(gone);

        nodes.ForEach(node => Change(node, new ClusterChange.Removed(Member(gone), hasLeft)));

        Assert.All(nodes, node => Assert.Equal(
            reason, Assert.Single(node.Events.OfType<MembershipEffect.NodeRemoved>(), told => told.Node.Address == "c:1").Reason));

        AssertNobodyGreets("c:1");
    }

    [Fact]
    public void A_node_that_hears_of_its_own_removal_stops()
    {
        var nodes = Started("a:1", "b:1");

        Change(nodes[0], new ClusterChange.Removed(Member(nodes[0]), HasLeft: false));

        Assert.Equal(new StopCause.Expelled("a:1"), nodes[0].StopCause);
        Assert.Null(nodes[1].StopCause);
    }

    [Fact]
    public void The_removal_of_an_earlier_life_does_not_touch_the_next_one()
    {
        var nodes = Started("a:1", "b:1");
        var earlier = nodes[1];
        _cluster.Kill(earlier);
        var next = Start("b:1")[0];
        Change(nodes[0], new ClusterChange.Removed(Member(earlier), HasLeft: false));
        nodes = [nodes[0], next];
        nodes.ForEach(node => SnapshotTo([node], nodes));
        _cluster.RunUntil(_cluster.AllSeeEachOther, 3 * Second, "the next life");
        _cluster.ClearEvents();

        // Late, and again.
        Change(nodes[0], new ClusterChange.Removed(Member(earlier), HasLeft: false));
        Change(next, new ClusterChange.Removed(Member(earlier), HasLeft: false));

        _cluster.Run(3 * Second);
        Assert.All(nodes, node => Assert.Empty(node.Events));
    }

    [Fact]
    public void Who_is_leaving_serves_until_it_says_goodbye_and_is_not_greeted_after_it()
    {
        var nodes = Started("a:1", "b:1", "c:1");
        var leaver = nodes[2];
        nodes.ForEach(node => Change(node, new ClusterChange.Changed(Member(leaver) with { IsLeaving = true })));
        _cluster.Run(3 * Second);
        Assert.True(_cluster.AllSeeEachOther());

        _cluster.Leave(leaver);
        _cluster.Run(Second);

        Assert.All(nodes[..2], node => Assert.Equal(
            LeaveReason.NodeLeft, Assert.Single(node.Events.OfType<MembershipEffect.NodeRemoved>()).Reason));
        AssertNobodyGreets("c:1");
    }

    [Fact]
    public void Doubts_deaths_and_returns_are_the_matter_of_the_tracker()
    {
        var nodes = Started("a:1", "b:1", "c:1");
        _cluster.ClearEvents();
        _cluster.Cut(nodes[0], nodes[2]);
        _cluster.Cut(nodes[1], nodes[2]);
        nodes[..2].ForEach(node => Change(node, new ClusterChange.Unreachable("c:1")));

        _cluster.RunUntil(() => nodes[0].In(MemberState.Down).Contains("c:1"), 15 * Second, "death");
        Assert.Single(nodes[0].Events.OfType<MembershipEffect.NodeDown>());

        _cluster.Heal();
        _cluster.RunUntil(_cluster.AllSeeEachOther, 5 * Second, "return");
        Assert.Single(nodes[0].Events.OfType<MembershipEffect.NodeReturned>());
    }

    [Fact]
    public void That_a_member_is_unreachable_makes_its_probe_the_next_one()
    {
        var peers = new ClusterPeers("a:1");

        Assert.Equal([new MembershipInput.PeerUnreachable("c:1")], peers.Handle(new ClusterChange.Unreachable("c:1")).ToArray());
    }

    private static MembershipOptions Given(MembershipOptions options) => options with { PeersAreGiven = true, AwaitsMoreSeeds = true };

    private static ClusterMember Member(VirtualNode node) => new(node.Address, (uint)node.ProcessId);

    private List<VirtualNode> Start(params string[] addresses)
    {
        List<VirtualNode> nodes = [.. addresses.Select((address, index) => _cluster.Start(address, 10 + (ulong)(_peers.Count + index)))];
        nodes.ForEach(node => _peers.Add(node, new ClusterPeers(node.Address)));
        return nodes;
    }

    /// <summary>Nodes that are up for each other.</summary>
    private List<VirtualNode> Started(params string[] addresses)
    {
        var nodes = Start(addresses);
        SnapshotTo(nodes);
        _cluster.RunUntil(_cluster.AllSeeEachOther, 2 * Second, "members");
        _cluster.Run(5 * Second);
        return nodes;
    }

    /// <summary>What is sent to the address reaches whoever is there now, who knows nobody and counts each greeting.</summary>
    private void AssertNobodyGreets(string address)
    {
        var listener = _cluster.Start(address, 1);
        _cluster.Run(30 * Second);
        Assert.Empty(listener.Events.OfType<MembershipEffect.ReportViolation>());
    }

    private void SnapshotTo(List<VirtualNode> nodes, List<VirtualNode>? members = null) =>
        nodes.ForEach(node => Change(node, new ClusterChange.Snapshot([.. (members ?? nodes).Select(Member)])));

    private void Change(VirtualNode node, ClusterChange change)
    {
        foreach (var input in _peers[node].Handle(change))
        {
            _cluster.Feed(node, input);
        }
    }
}
