using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>A node joins a cluster that holds a lot.</summary>
[Collection(ProcessCollection.Name)]
public sealed class JoinTests(ITestOutputHelper output)
{
    private const int Presences = 100_000;
    private const int PresencesPerTopic = 100;
    private const int ReadsMin = 50;

    private static readonly string[] Topics = [.. Enumerable.Range(0, Presences / PresencesPerTopic).Select(topic => $"room:{topic}")];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_joiner_is_ready_once_it_has_all_100000_presences_and_reads_elsewhere_stay_fast()
    {
        await using var cluster = await ProcessCluster.StartAsync(2);
        await Task.WhenAll(cluster.Nodes.Select((node, index) =>
            node.AskAsync(new NodeRequest.TrackMany(Topics, $"user-{index}", Presences / 2))));
        await cluster.EqualAsync(Topics, Patience);
        var all = await cluster.Nodes[0].AskAsync(new NodeRequest.Digest(Topics));
        Assert.Equal(Presences, all.Presences);

        var others = cluster.Nodes.ToArray();
        var joiner = cluster.Launch(new NodeProcessOptions(FreePorts.Take(), [others[0].Address]));

        // Only what is read between the arrival of the joiner and its being ready: what goes before and after is quick anyway.
        var began = await Task.WhenAll(others.Select(node => node.AskAsync(new NodeRequest.StartReading(Topics[0], FromNodes: 3))));
        await joiner.StartNodeAsync();
        var joined = joiner.AskAsync(new NodeRequest.DigestOnceReady(Topics), Patience);
        await joiner.AskAsync(new NodeRequest.AwaitReady(), Patience);
        var reads = await Task.WhenAll(others.Select(node => node.AskAsync(new NodeRequest.StopReading())));
        var ready = await joined;

        Figures.Print(
            output,
            $"join: ready with {ready.Digest.Presences} presences {NodeReply.Between(began[0].At, ready.At).TotalSeconds:F2} s after its node " +
            $"was started; meanwhile reads of {PresencesPerTopic} elsewhere: {string.Join(" and ", reads.AsEnumerable())}");
        Assert.Equal(all, ready.Digest);
        Assert.All(reads, read => Assert.True(read.Count >= ReadsMin, $"too few to say anything: {read}"));
        Assert.All(reads, read => Assert.True(read.Percentile99 <= TimeSpan.FromMilliseconds(5), $"{read}"));
    }
}
