using System.Diagnostics;
using System.Text.Json;
using PresenceTracker.Discovery;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>
/// Nodes that find each other in each of the ways there are, several actor systems in one process: started at the same moment, one after the
/// other, and as two clusters that learn of each other.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class DiscoveryTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Room = "room:1";

    private static readonly int NodesAtOnce = LongTests.AreOn ? 10 : 4;
    private static readonly int Rounds = LongTests.AreOn ? 20 : 1;
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-discovery-");
    private readonly List<PresenceNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await StopAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("seeds")]
    [InlineData("dns")]
    [InlineData("file")]
    [InlineData("multicast")]
    public async Task Nodes_that_start_at_the_same_moment_are_one_cluster_in_10_s(string way)
    {
        var took = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            var ports = Ports(NodesAtOnce);
            var settings = Way(way, ports);
            using var together = new Barrier(NodesAtOnce);
            var starts = ports.Select(port => new TaskCompletionSource<PresenceNode>(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
            foreach (var (port, start) in ports.Zip(starts))
            {
                new Thread(() =>
                {
                    together.SignalAndWait();
                    start.SetResult(Start(port, settings));
                }).Start();
            }

            _nodes.AddRange(await Task.WhenAll(starts.Select(start => start.Task)).InTime());
            var listening = Stopwatch.GetTimestamp();
            await OneClusterAsync(Bar);
            took.Add(Stopwatch.GetElapsedTime(listening));
            await Task.WhenAll(_nodes.Select(node => node.Tracker.Ready)).InTime();
            await StopAsync();
        }

        Figures.Print(
            output,
            $"discovery by {way}: {NodesAtOnce} nodes started at once were one cluster {took.Count(time => time <= Bar)} times of {Rounds}, " +
            $"{took.Order().ElementAt(Rounds / 2).TotalSeconds:F2} s after the last one listened at the median and {took.Max().TotalSeconds:F2} s at worst");
    }

    // Each of them waits 2 s for those that are not there yet, unless it finds nodes by multicast.
    [Theory]
    [InlineData("dns", false)]
    [InlineData("file", false)]
    [InlineData("multicast", true)]
    public async Task Nodes_that_start_one_after_the_other_in_any_order_join(string way, bool isQuick)
    {
        var ports = Ports(isQuick || LongTests.AreOn ? 3 : 2);
        var settings = Way(way, ports);
        foreach (var port in ports.Reverse())
        {
            _nodes.Add(Start(port, settings));
            await _nodes[^1].Tracker.TrackAsync(Room, $"user-{port}", Owner.Connection("c1")).InTime();
            await OneClusterAsync(Bar);
        }

        await SameListAsync(ports.Length);
    }

    [Fact]
    public async Task Two_clusters_that_learn_of_each_other_become_one()
    {
        var ports = Ports(4);
        var (left, right) = (Way("file", ports[..2], "left"), Way("file", ports[2..], "right"));
        _nodes.AddRange(ports.Select((port, index) => Start(port, index < 2 ? left : right)));
        await Task.WhenAll(_nodes.Select(node => node.Tracker.TrackAsync(Room, node.Tracker.Self.Address, Owner.Connection("c1")))).InTime();
        await Task.WhenAll(_nodes.Select(node => node.Tracker.Ready)).InTime();
        Assert.All(_nodes, node => Assert.Equal(2, node.Tracker.Nodes.Count));

        // One of the two is told of one node of the other.
        await File.AppendAllTextAsync(PathOf("left"), $"\n{Address(ports[3])}");

        await OneClusterAsync(Bar);
        await SameListAsync(ports.Length);
    }

    [Fact]
    public async Task A_node_that_finds_nobody_is_not_ready_for_10_s_and_found_later()
    {
        var ports = Ports(2);
        var settings = Way("file", []);
        File.Delete(PathOf("file"));
        _nodes.Add(Start(ports[0], settings));
        await _nodes[0].Tracker.TrackAsync(Room, "alice", Owner.Connection("c1")).InTime();
        Assert.False(_nodes[0].Tracker.Ready.IsCompleted);
        if (LongTests.AreOn)
        {
            await _nodes[0].Tracker.Ready.InTime();
        }

        await File.WriteAllTextAsync(PathOf("file"), $"{Address(ports[1])}");
        _nodes.Add(Start(ports[1], settings));

        await OneClusterAsync(Bar);
    }

    private static int[] Ports(int count) => [.. Enumerable.Range(0, count).Select(_ => FreePorts.Take())];

    private static string Address(int port) => $"127.0.0.1:{port}";

    private static PresenceNode Start(int port, string settings) => PresenceNode.Start(new PresenceTrackerOptions
    {
        NodePort = port,
        Hocon = $"akka {{ stdout-loglevel = OFF, loggers = [] }}\n{settings}",
    });

    /// <summary>The settings by which nodes at these ports find each other, the same for all.</summary>
    private string Way(string way, int[] ports, string name = "file")
    {
        switch (way)
        {
            case "seeds":
                return $"presence.seeds = {JsonSerializer.Serialize(ports.Select(Address))}";
            case "dns":
                return $"presence.discovery.dns = {JsonSerializer.Serialize(ports.Select(port => $"localhost:{port}"))}";
            case "file":
                File.WriteAllLines(PathOf(name), ports.Select(Address));
                return $"presence.discovery.file = {JsonSerializer.Serialize(PathOf(name))}";
            case "multicast":
                return $"presence.discovery {{ multicast = on, multicast-group = \"239.255.40.53:{FreePorts.Take()}\" }}";
            default:
                throw new ArgumentOutOfRangeException(nameof(way), way, $"one of {string.Join(", ", Enum.GetNames<DiscoverySource>())}, or seeds");
        }
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private async Task OneClusterAsync(TimeSpan patience) => await Eventually.HoldsAsync(
        $"{_nodes.Count} nodes up everywhere", patience, () => Task.FromResult(
            _nodes.All(node => node.Tracker.Nodes.Count(seen => seen.State == NodeState.Up) == _nodes.Count)
                ? null
                : string.Join("; ", _nodes.Select(node => $"{node.Tracker.Self.Address} sees {string.Join(", ", node.Tracker.Nodes)}"))));

    private async Task SameListAsync(int count) => await Eventually.HoldsAsync(
        $"{count} presences everywhere", Expect.Patience, () => Task.FromResult(
            _nodes.All(node => node.Tracker.List(Room).Count() == count)
                ? null
                : string.Join("; ", _nodes.Select(node => $"{node.Tracker.Self.Address} lists {node.Tracker.List(Room).Count()}"))));

    private async Task StopAsync()
    {
        await Task.WhenAll(_nodes.Select(async node => await node.DisposeAsync()));
        _nodes.Clear();
    }
}
