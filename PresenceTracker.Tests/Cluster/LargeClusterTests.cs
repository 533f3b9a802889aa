using System.Diagnostics;
using System.Net.NetworkInformation;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>More processes than speak to all: each has a few neighbours, and what happens to one still comes to all.</summary>
[Collection(ProcessCollection.Name)]
public sealed class LargeClusterTests(ITestOutputHelper output)
{
    private const string Topic = "room:1";
    private const int NeighborsMax = 5;

    private static readonly (int Nodes, int Limit, int Changes, int Kills) Size = LongTests.AreOn ? (20, 8, 200, 5) : (6, 3, 10, 2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The long form has the periods that the bar is for.
    private static readonly string Periods = LongTests.AreOn ? "" : "membership { protocol-period = 300 ms, probe-timeout = 150 ms }";

    [Fact]
    public async Task A_change_on_any_node_comes_to_all_over_the_overlay_and_so_does_the_death_of_several()
    {
        await using var cluster = await StartAsync();
        for (var change = 0; change < Size.Nodes; change++)
        {
            await TimeAsync(cluster, cluster.Nodes[change].Address, change);
        }

        var times = new List<TimeSpan>();
        for (var change = 0; change < Size.Changes; change++)
        {
            times.Add(await TimeAsync(cluster, $"user-{change}", writer: change % (Size.Nodes - Size.Kills)));
        }

        times.Sort();
        var worst = times[times.Count * 99 / 100];
        Figures.Print(
            output,
            $"{Size.Nodes} processes, full mesh up to {Size.Limit}: a change is seen by all others after {times[times.Count / 2].TotalMilliseconds:F1} ms (median), "
            + $"{worst.TotalMilliseconds:F1} ms (99 %); {Associations(cluster):F1} associations per node");
        var delivered = await SumAsync(cluster, "presence.overlay.received");
        Assert.True(delivered >= (Size.Nodes + Size.Changes) * (Size.Nodes - 1), $"only {delivered} messages of the overlay came");

        var took = await KillAsync(cluster);

        // The short form runs on machines that do something else too.
        if (!LongTests.AreOn) return;

        Assert.True(worst <= TimeSpan.FromMilliseconds(500), $"99 % took up to {worst}");
        Assert.True(took <= TimeSpan.FromSeconds(15), $"it took {took}");
    }

    /// <returns>From the kill of several until all others have told that all of their presences are gone.</returns>
    private async Task<TimeSpan> KillAsync(ProcessCluster cluster)
    {
        var killed = cluster.Nodes.TakeLast(Size.Kills).ToArray();
        var others = cluster.Nodes.Except(killed).ToArray();
        var killedAt = Stopwatch.GetTimestamp();
        await Task.WhenAll(killed.Select(node => node.KillAsync()));
        var gone = await Task.WhenAll(
            from node in others
            from dead in killed
            select node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Left", dead.Address), Patience));

        var took = NodeReply.Between(killedAt, gone.Max(seen => seen.At));
        Figures.Print(output, $"{Size.Nodes} processes, full mesh up to {Size.Limit}: of {Size.Kills} killed at once all presences are gone everywhere after {took.TotalSeconds:F1} s");
        Assert.All(gone, seen => Assert.Equal("NodeDown", seen.Reason));
        var expected = others.Select(node => node.Address).Concat(Enumerable.Range(0, Size.Changes).Select(change => $"user-{change}")).Order().ToArray();
        await Eventually.HoldsAsync($"{expected.Length} presences of the others on each", Patience, async () =>
        {
            var lists = await Task.WhenAll(others.Select(node => node.AskAsync(new NodeRequest.List(Topic))));
            var wrong = lists.FirstOrDefault(list => !list.Select(presence => presence.Key).Order().SequenceEqual(expected));
            return wrong is null ? null : string.Join(", ", wrong.Select(presence => presence.Key).Order());
        });
        return took;
    }

    /// <summary>As many processes, each of which speaks to its neighbours alone and has subscribed to the topic.</summary>
    private static async Task<ProcessCluster> StartAsync()
    {
        var cluster = await ProcessCluster.StartAsync(Size.Nodes, $"presence {{ overlay.full-mesh-limit = {Size.Limit}, {Periods} }}");
        await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.Subscribe([Topic]))));
        await Eventually.HoldsAsync($"1 to {NeighborsMax} neighbours of each", Patience, async () =>
        {
            var neighbors = await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.Metric("presence.overlay.neighbors"))));
            return neighbors.All(count => count is >= 1 and <= NeighborsMax) ? null : string.Join(", ", neighbors);
        });
        return cluster;
    }

    /// <returns>From the call on one node until the last of the others' subscribers was told.</returns>
    private static async Task<TimeSpan> TimeAsync(ProcessCluster cluster, string key, int writer)
    {
        var written = await cluster.Nodes[writer].AskAsync(new NodeRequest.Track(Topic, key, "{}"));
        var seen = await Task.WhenAll(cluster.Nodes
            .Where((_, index) => index != writer)
            .Select(node => node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Joined", key))));
        return NodeReply.Between(written.At, seen.Max(e => e.At));
    }

    private static async Task<double> SumAsync(ProcessCluster cluster, string metric) =>
        (await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.Metric(metric))))).Sum();

    /// <summary>Each connection to the port of a node is an association of two of them.</summary>
    private static double Associations(ProcessCluster cluster)
    {
        var ports = cluster.Nodes.Select(node => node.Options.Port).ToHashSet();
        var accepted = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Count(connection => connection.State == TcpState.Established && ports.Contains(connection.LocalEndPoint.Port));
        return 2.0 * accepted / cluster.Nodes.Count;
    }
}
