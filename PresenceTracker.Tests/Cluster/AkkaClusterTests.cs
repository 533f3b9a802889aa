using PresenceTracker.Tests.Cluster.Network;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;

namespace PresenceTracker.Tests.Cluster;

/// <summary>Nodes that are members of one Akka.Cluster, which says who is a peer. That cuts heal is shown by <see cref="CutTests"/>.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed class AkkaClusterTests
{
    private const string Topic = "room:1";

    private const string Resolver = """
        akka.cluster {
          downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
          split-brain-resolver.stable-after = 5 s
          failure-detector { heartbeat-interval = 1 s, acceptable-heartbeat-pause = 3 s }
        }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Its_members_are_peers_and_whom_it_removes_is_gone_with_all_presences_until_another_life_is_let_in()
    {
        await using var cluster = await ProcessCluster.StartInAkkaClusterAsync(3);
        await TrackOnEachAsync(cluster);
        var (witness, leaver, victim) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        await witness.AskAsync(new NodeRequest.Subscribe([Topic]));

        leaver.Terminate();
        Assert.Equal("NodeLeft", (await witness.AskAsync(new NodeRequest.AwaitEvent(Topic, "Left", "key-1"))).Reason);

        await victim.KillAsync();
        await witness.AskAsync(new NodeRequest.Down(victim.Address));
        Assert.Equal("NodeDown", (await witness.AskAsync(new NodeRequest.AwaitEvent(Topic, "Left", "key-2"))).Reason);

        // Not hidden, as it would be while only the tracker holds it for dead.
        await SeesAsync(witness, nodes: 1);
        var next = await cluster.RestartAsync(victim);
        await next.AskAsync(new NodeRequest.Track(Topic, "key-3", "{}"));
        await witness.AskAsync(new NodeRequest.AwaitEvent(Topic, "Joined", "key-3"));
    }

    // By default an operator gives a member up; in the long form Akka's resolver does, on the smaller side of a cut.
    [Fact]
    public async Task A_node_that_is_given_up_stops_and_says_why_and_is_let_in_again_as_a_new_life()
    {
        var network = new CutNetwork();
        await using var cluster = await ProcessCluster.StartInAkkaClusterAsync(3, LongTests.AreOn ? Resolver : "", network);
        await TrackOnEachAsync(cluster);
        var (givenUp, others) = (cluster.Nodes[2], cluster.Nodes.Take(2).ToArray());

        if (LongTests.AreOn)
        {
            network.Cut(givenUp.Options.PublicPort!.Value, others.Select(other => other.Options.PublicPort!.Value), CutManner.Swallow);
        }
        else
        {
            await others[0].AskAsync(new NodeRequest.Down(givenUp.Address));
        }

        Assert.Equal(
            $"Akka.Cluster has removed {givenUp.Address}; start the process anew to let it in again",
            await givenUp.AskAsync(new NodeRequest.AwaitStopped()));
        await Task.WhenAll(others.Select(other => SeesAsync(other, nodes: 2)));

        network.Heal();
        await cluster.RestartAsync(givenUp);
        await cluster.ReadyAsync();
        await cluster.EqualAsync([Topic], Patience);
        Assert.Equal(["key-0", "key-1"], (await others[0].AskAsync(new NodeRequest.List(Topic))).Select(listed => listed.Key));
    }

    private static async Task TrackOnEachAsync(ProcessCluster cluster)
    {
        await Task.WhenAll(cluster.Nodes.Select((node, index) => node.AskAsync(new NodeRequest.Track(Topic, $"key-{index}", "{}"))));
        await cluster.EqualAsync([Topic], Patience);
    }

    private static Task SeesAsync(NodeProcess node, int nodes) => Eventually.HoldsAsync($"{nodes} nodes", Patience, async () =>
    {
        var seen = await node.AskAsync(new NodeRequest.Nodes());
        return seen.Length == nodes ? null : string.Join(", ", seen.AsEnumerable());
    });
}
