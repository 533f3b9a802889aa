using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>A process that cannot be part of the cluster says why and stops; the cluster goes on.</summary>
public sealed class RefusedStartTests(ITestOutputHelper output)
{
    private const string Topic = "room:1";

    [Theory]
    [InlineData("presence.shards = 4", "shard count", "8", "4", "presence.shards")]
    [InlineData("presence.token = \"a secret of another cluster\"", "token", "not set", "set", "presence.token")]
    [InlineData("presence.cluster-name = blue", "cluster name", "presence", "blue", "presence.cluster-name")]
    public async Task A_joiner_whose_settings_differ_stops_and_names_both_values_and_the_option(
        string hocon, string setting, string there, string here, string option)
    {
        await using var cluster = await ProcessCluster.StartAsync(1);
        var joiner = cluster.Launch(new NodeProcessOptions(FreePorts.Take(), [cluster.Nodes[0].Address], hocon));
        await joiner.StartNodeAsync();

        var reason = await joiner.AskAsync(new NodeRequest.AwaitStopped());

        output.WriteLine(reason);
        Assert.Equal(
            $"refused by {cluster.Nodes[0].Address}: {setting} is {there} there and {here} here (option: {option})", reason);
        var notReady = await Assert.ThrowsAsync<NodeErrorException>(() => joiner.AskAsync(new NodeRequest.AwaitReady()));
        Assert.Equal("ClusterMismatchException", notReady.Type);
        Assert.Contains(reason, notReady.Error, StringComparison.Ordinal);
        await GoesOnAloneAsync(cluster.Nodes[0]);
    }

    [Fact]
    public async Task A_joiner_that_learns_after_its_first_contact_that_its_settings_differ_stops_too()
    {
        await using var joiner = PresenceNode.Start(new PresenceTrackerOptions
        {
            NodePort = 0,
            Seeds = { $"127.0.0.1:{FreePorts.Take()}" },
            Hocon = "presence.shards = 4",
        });
        var seed = joiner.Settings.Seeds[0];
        await joiner.Tracker.TrackAsync(Topic, "alice", Owner.Connection("c1")).InTime();
        await using var late = PresenceNode.Start(new PresenceTrackerOptions { NodePort = new Uri($"tcp://{seed}").Port });

        var reason = await joiner.Tracker.Stopped.InTime();

        output.WriteLine(reason);
        foreach (var call in new Task[] { joiner.Tracker.SubscribeAsync(Topic), joiner.Tracker.TrackAsync(Topic, "bob", Owner.Connection("c1")) })
        {
            var refused = await Assert.ThrowsAsync<ClusterMismatchException>(() => call.InTime());
            Assert.Equal(
                ("shard count", "8", "4", "presence.shards", seed),
                (refused.Setting, refused.Expected, refused.Actual, refused.Option, refused.Peer));
            Assert.Equal(reason, refused.Reason);
        }

        Assert.Single(late.Tracker.Nodes);
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

    private static async Task GoesOnAloneAsync(NodeProcess node)
    {
        await node.AskAsync(new NodeRequest.Track(Topic, "alice", "{}"));
        Assert.Single(await node.AskAsync(new NodeRequest.List(Topic)));
        Assert.Single(await node.AskAsync(new NodeRequest.Nodes()));
    }
}
