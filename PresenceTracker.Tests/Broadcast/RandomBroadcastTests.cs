using PresenceTracker.Protocol.Collections;
using PresenceTracker.Simulator;
using PresenceTracker.Tests.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Broadcast;

/// <summary>
/// Broadcasts on random graphs whose links come and go: each comes exactly once to every node that stayed connected with its origin.
/// BROADCAST_RUNS sets how many runs, BROADCAST_SEED the seed of the first.
/// </summary>
public sealed class RandomBroadcastTests(ITestOutputHelper output)
{
    // All announcers of a broadcast may have to be asked one after the other, on each hop of the longest way.
    private static readonly TimeSpan RepairedWithin = TimeSpan.FromSeconds(20);

    private static readonly string[] Wanted = ["Gossip", "Graft", "IHave", "Prune"];

    [Fact]
    public void Each_broadcast_comes_once_to_every_node_that_stays_connected_with_its_origin()
    {
        SeededRuns.Play(output, "BROADCAST", nameof(RandomBroadcastTests), Wanted, Run);
    }

    private static IEnumerable<string> Run(ulong seed)
    {
        var prng = new Prng(seed);
        var nodes = prng.Between(3, 25);
        var network = new BroadcastNetwork(prng, nodes);
        for (var node = 1; node < nodes; node++)
        {
            network.Link(node, prng.Next(node));
        }

        for (var extra = prng.Between(nodes, 2 * nodes); extra > 0; extra--)
        {
            network.Link(prng.Next(nodes), prng.Next(nodes));
        }

        for (var i = 0; i < 80; i++)
        {
            switch (prng.Next(8))
            {
                case < 5:
                    network.Publish(prng.Next(nodes));
                    break;
                case 5 when network.Links.Count > 0:
                    network.Cut(prng.Pick(network.Links));
                    break;
                default:
                    network.Link(prng.Next(nodes), prng.Next(nodes));
                    break;
            }

            network.Events.RunUntil(network.Events.Now + prng.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(prng.Chance(0.3) ? 400 : 20)));
        }

        network.Events.RunUntil(network.Events.Now + RepairedWithin);
        network.Check();
        return network.Sent.Keys;
    }
}
