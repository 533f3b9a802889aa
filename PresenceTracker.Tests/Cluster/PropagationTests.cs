using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>How soon a change on one of three processes is seen on the others.</summary>
[Collection(ProcessCollection.Name)]
public sealed class PropagationTests(ITestOutputHelper output)
{
    private const string Topic = "room:1";
    private const int Changes = 50;

    // The first changes after a process starts compile the code they run; what is measured is a running node.
    private const int WarmUp = 20;

    [Theory]
    [InlineData("", 15)]
    [InlineData("presence.gossip.interval = 10 s", 15)]
    [InlineData("presence.gossip.push-enabled = off", 250)]
    public async Task A_change_is_soon_seen_by_the_other_processes(string hocon, int medianMsMax)
    {
        await using var cluster = await ProcessCluster.StartAsync(3, hocon);
        await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.Subscribe([Topic]))));
        for (var change = 0; change < WarmUp; change++)
        {
            await TimeAsync(cluster, $"warm-{change}", writer: change % 3);
        }

        var times = new List<TimeSpan>();
        for (var change = 0; change < Changes; change++)
        {
            times.Add(await TimeAsync(cluster, $"user-{change}", writer: change % 3));
        }

        times.Sort();
        var (median, worst) = (times[Changes / 2], times[^1]);
        Figures.Print(
            output,
            $"change seen by both others, {(hocon == "" ? "defaults" : hocon)}: " +
            $"median {median.TotalMilliseconds:F1} ms, worst {worst.TotalMilliseconds:F1} ms over {Changes}");
        Assert.True(median <= TimeSpan.FromMilliseconds(medianMsMax), $"the median is {median}");
        if (medianMsMax == 15)
        {
            Assert.True(worst <= TimeSpan.FromMilliseconds(100), $"the worst is {worst}");
        }
    }

    /// <returns>From the call on one node until the later of the others' subscribers was told.</returns>
    private static async Task<TimeSpan> TimeAsync(ProcessCluster cluster, string key, int writer)
    {
        var written = await cluster.Nodes[writer].AskAsync(new NodeRequest.Track(Topic, key, "{}"));
        var seen = await Task.WhenAll(cluster.Nodes
            .Where((_, index) => index != writer)
            .Select(node => node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Joined", key))));
        return NodeReply.Between(written.At, seen.Max(e => e.At));
    }
}
