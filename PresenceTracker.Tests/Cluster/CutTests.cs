using System.Diagnostics;
using PresenceTracker.Tests.Cluster.Network;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>One of three processes is cut off from the others, both sides go on, and the cut heals.</summary>
[Collection(ProcessCollection.Name)]
public sealed class CutTests(ITestOutputHelper output)
{
    // The least that is allowed: some 160 operations in each of 8 shards.
    private const string SmallLog = "presence.operation-log-size = 4 KiB";
    private const ulong ChangesMin = 4 * 8 * 160;
    private const int ChangesPerSecond = 1_000;

    private static readonly string[] Topics = [.. Enumerable.Range(0, 16).Select(topic => $"room:{topic}")];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Both_sides_of_a_cut_agree_again_soon_after_it_heals_however_long_it_was_and_in_either_manner()
    {
        // All cuts last at the same time, because that takes long; but they heal one after the other, because that is measured.
        using var healing = new SemaphoreSlim(1);
        await Task.WhenAll(
            from length in Enum.GetValues<CutLength>()
            from manner in Enum.GetValues<CutManner>()
            select CutAndHealAsync(length, manner, healing));
    }

    // The other mode has the same protocol, so by default one cut is enough, and not one that is longer than the logs.
    [Fact]
    public async Task So_do_they_as_members_of_an_Akka_Cluster_that_gives_nobody_up()
    {
        using var healing = new SemaphoreSlim(1);
        await Task.WhenAll(
            from length in LongTests.AreOn ? Enum.GetValues<CutLength>() : [CutLength.UntilChanged]
            from manner in LongTests.AreOn ? Enum.GetValues<CutManner>() : [CutManner.Reset]
            select CutAndHealAsync(length, manner, healing, inAkkaCluster: true));
    }

    private async Task CutAndHealAsync(CutLength length, CutManner manner, SemaphoreSlim healing, bool inAkkaCluster = false)
    {
        var cut = $"{manner}, {length}{(inAkkaCluster ? ", Akka.Cluster" : "")}";
        var network = new CutNetwork();
        await using var cluster = await StartAsync(length, network, inAkkaCluster);
        var lives = await LivesAsync(cluster);
        Cut(network, cluster, manner);
        await ChangeBothSidesAsync(cluster, cut, inAkkaCluster && !LongTests.AreOn ? 200 : ChangesMin);
        await Eventually.HoldsAsync(cut, Patience, () => MissingAsync(cluster, length));
        await healing.WaitAsync();
        try
        {
            await HealAsync(cluster, network, cut, manner == CutManner.Reset ? TimeSpan.FromSeconds(2) : TimeSpan.FromSeconds(5));
        }
        finally
        {
            healing.Release();
        }

        Assert.Equal(lives, await LivesAsync(cluster));
    }

    private static async Task<ProcessCluster> StartAsync(CutLength length, CutNetwork network, bool inAkkaCluster)
    {
        var hocon = $"{SmallLog}\npresence.removed-after = {(length == CutLength.UntilRemoved ? "10 s" : "20 m")}";
        var cluster = await (inAkkaCluster
            ? ProcessCluster.StartInAkkaClusterAsync(3, hocon, network)
            : ProcessCluster.StartAsync(3, hocon, network));
        await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.Subscribe(Topics))));
        await Task.WhenAll(cluster.Nodes.Select((node, index) => node.AskAsync(new NodeRequest.TrackMany(Topics, $"before-{index}", 300))));
        await cluster.EqualAsync(Topics, Patience);
        return cluster;
    }

    private async Task HealAsync(ProcessCluster cluster, CutNetwork network, string cut, TimeSpan within)
    {
        var digests = await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.Digest(Topics))));
        Assert.NotEqual(digests[0], digests[1]);
        Assert.Contains(await cluster.Nodes[1].AskAsync(new NodeRequest.Nodes()), node =>
            node.Address == cluster.Nodes[2].Address && node.State == nameof(NodeState.Up));
        var healedAt = Stopwatch.GetTimestamp();
        network.Heal();
        await cluster.EqualAsync(Topics, Patience);

        var took = Stopwatch.GetElapsedTime(healedAt);
        Figures.Print(output, $"cut ({cut}): all lists equal {took.TotalSeconds:F2} s after the heal");
        foreach (var node in cluster.Nodes)
        {
            Assert.Empty((await node.AskAsync(new NodeRequest.CheckFolds())).Faults);
        }

        Assert.True(took <= within, $"after {cut} the lists were equal after {took}");
    }

    /// <summary>Cuts the first node off from the others, which go on seeing each other.</summary>
    private static void Cut(CutNetwork network, ProcessCluster cluster, CutManner manner)
    {
        var ports = cluster.Nodes.Select(node => node.Options.PublicPort!.Value).ToArray();
        network.Cut(ports[0], ports[1..], manner);
    }

    /// <summary>Changes so much on both sides; and what was there before goes, in part.</summary>
    private async Task ChangeBothSidesAsync(ProcessCluster cluster, string cut, ulong changesMin)
    {
        var writers = cluster.Nodes.Take(2).ToArray();
        var before = await OwnOperationsAsync(writers);
        await Task.WhenAll(writers.Select((node, index) =>
            node.AskAsync(new NodeRequest.StartChurn(Topics, $"during-{index}", ChangesPerSecond))));
        await Task.WhenAll(writers.Select((node, index) => node.AskAsync(new NodeRequest.UntrackMany(Topics, $"before-{index}", 150))));
        await Eventually.HoldsAsync($"{cut}: changes on both sides", Patience, async () =>
        {
            var changed = (await OwnOperationsAsync(writers)).Zip(before, (now, then) => now - then).ToArray();
            return changed.Any(changes => changes < changesMin) ? $"{string.Join(" and ", changed)} changes" : null;
        });
        var churned = await Task.WhenAll(writers.Select(node => node.AskAsync(new NodeRequest.StopChurn())));
        Figures.Print(output, $"cut ({cut}): {string.Join(" and ", churned.Select(side => side.Changes))} changes on the two sides");
    }

    /// <returns>What must still come about before the cut may heal; null if nothing.</returns>
    private static async Task<string?> MissingAsync(ProcessCluster cluster, CutLength length)
    {
        var (cutOff, others) = (cluster.Nodes[0], cluster.Nodes.Skip(1).ToArray());
        var pairs = others.Select(other => (By: other, Of: cutOff)).Concat(others.Select(other => (By: cutOff, Of: other)));
        foreach (var (by, of) in pairs)
        {
            var seen = (await by.AskAsync(new NodeRequest.Nodes())).SingleOrDefault(node => node.Address == of.Address)?.State ?? "Removed";
            var isSo = length switch
            {
                CutLength.UntilChanged => true,
                CutLength.UntilDown => seen == "Down",
                _ => seen == "Removed",
            };
            if (!isSo)
            {
                return $"{of.Address} is {seen} for {by.Address}";
            }
        }

        return null;
    }

    private static async Task<ulong[]> OwnOperationsAsync(IEnumerable<NodeProcess> nodes) => await Task.WhenAll(nodes.Select(async node =>
    {
        var seen = await node.AskAsync(new NodeRequest.Nodes());
        return seen[0].Contexts.Aggregate((sum, context) => sum + context);
    }));

    private static async Task<(int ProcessId, string Incarnation)[]> LivesAsync(ProcessCluster cluster) =>
        await Task.WhenAll(cluster.Nodes.Select(async node =>
            (node.ProcessId, (await node.AskAsync(new NodeRequest.Nodes()))[0].Incarnation)));
}
