using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>Two processes cannot be one node.</summary>
public sealed class SharedAddressTests(ITestOutputHelper output)
{
    private const string Topic = "room:1";

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
        Assert.Equal(
            $"another process advertises {first.Address} " +
            "(options: akka.remote.dot-netty.tcp.public-hostname, akka.remote.dot-netty.tcp.public-port)",
            reason);
        var stopped = firstStops.IsCompleted ? first : second;
        var refused = await Assert.ThrowsAsync<NodeErrorException>(() => stopped.AskAsync(new NodeRequest.Track(Topic, "bob", "{}")));
        Assert.Equal("AddressTakenException", refused.Type);
        await seed.AskAsync(new NodeRequest.Track(Topic, "alice", "{}"));
        Assert.Single(await seed.AskAsync(new NodeRequest.List(Topic)));
    }
}
