using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>A process that cannot be part of the cluster says why and stops; the cluster goes on.</summary>
[Collection(ProcessCollection.Name)]
public sealed class RefusedStartTests(ITestOutputHelper output)
{
    private const string Topic = "room:1";

    [Theory]
    [InlineData("presence.shards = 4", "shard count", "8", "4")]
    [InlineData("presence.cluster-name = blue", "cluster name", "presence", "blue")]
    public async Task A_joiner_whose_settings_differ_stops_and_names_both_values(string hocon, string setting, string there, string here)
    {
        await using var cluster = await ProcessCluster.StartAsync(1);
        var joiner = cluster.Launch(new NodeProcessOptions(FreePorts.Take(), [cluster.Nodes[0].Address], hocon));
        await joiner.StartNodeAsync();

        var reason = await joiner.AskAsync(new NodeRequest.AwaitStopped());

        output.WriteLine(reason);
        Assert.Contains($"{setting} is {there} there and {here} here", reason, StringComparison.Ordinal);
        var notReady = await Assert.ThrowsAsync<NodeErrorException>(() => joiner.AskAsync(new NodeRequest.AwaitReady()));
        Assert.Equal("TrackerStoppedException", notReady.Type);
        Assert.Contains(reason, notReady.Error, StringComparison.Ordinal);
        await GoesOnAloneAsync(cluster.Nodes[0]);
    }

    [Fact]
    public async Task A_process_whose_port_is_taken_says_so()
    {
        await using var cluster = await ProcessCluster.StartAsync(1);
        var second = cluster.Launch(new NodeProcessOptions(cluster.Nodes[0].Options.Port, []));

        var refused = await Assert.ThrowsAsync<NodeErrorException>(second.StartNodeAsync);

        output.WriteLine(refused.Message);
        Assert.Equal("NodeStartException", refused.Type);
        Assert.Contains(cluster.Nodes[0].Address, refused.Error, StringComparison.Ordinal);
        Assert.Contains("(options: NodeHost, NodePort): the port is taken", refused.Error, StringComparison.Ordinal);
        await GoesOnAloneAsync(cluster.Nodes[0]);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("host:0")]
    [InlineData("akka.tcp://presence@127.0.0.1:4053")]
    public async Task A_process_with_a_seed_that_is_no_address_names_it(string seed)
    {
        await using var node = NodeProcess.Launch(new NodeProcessOptions(FreePorts.Take(), [seed]));

        var refused = await Assert.ThrowsAsync<NodeErrorException>(node.StartNodeAsync);

        output.WriteLine(refused.Message);
        Assert.Equal("PresenceConfigurationException", refused.Type);
        Assert.Contains("presence.seeds", refused.Error, StringComparison.Ordinal);
        Assert.Contains(seed, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_processes_that_advertise_one_address_one_stops_and_the_cluster_goes_on()
    {
        await using var cluster = await ProcessCluster.StartAsync(2);
        var (seed, first) = (cluster.Nodes[0], cluster.Nodes[1]);
        await using var second = NodeProcess.Launch(first.Options with { Host = "127.0.0.2" });
        await second.StartNodeAsync();
        var firstStops = first.AskAsync(new NodeRequest.AwaitStopped());
        var secondStops = second.AskAsync(new NodeRequest.AwaitStopped());

        var reason = await await Task.WhenAny(firstStops, secondStops);

        output.WriteLine($"{(firstStops.IsCompleted ? "first" : "second")}: {reason}");
        Assert.Equal($"another process advertises {first.Address}", reason);
        await seed.AskAsync(new NodeRequest.Track(Topic, "alice", "{}"));
        Assert.Single(await seed.AskAsync(new NodeRequest.List(Topic)));
    }

    private static async Task GoesOnAloneAsync(NodeProcess node)
    {
        await node.AskAsync(new NodeRequest.Track(Topic, "alice", "{}"));
        Assert.Single(await node.AskAsync(new NodeRequest.List(Topic)));
        Assert.Single(await node.AskAsync(new NodeRequest.Nodes()));
    }
}
