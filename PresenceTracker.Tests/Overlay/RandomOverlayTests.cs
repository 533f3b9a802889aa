using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Simulator;
using PresenceTracker.Simulator.Measurements;
using PresenceTracker.Tests.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Overlay;

/// <summary>
/// Random faults on overlays of up to forty nodes, then none: views keep their bounds at every moment, and in the end every link has two
/// living ends and all nodes are one component; seldom only after islands were told of each other, for who has as many neighbours as it wants and remembers
/// only those looks for no others. OVERLAY_RUNS sets how many runs, OVERLAY_SEED the seed of the first.
/// </summary>
public sealed class RandomOverlayTests(ITestOutputHelper output)
{
    private const string Islands = "islands";
    private const int NodesMax = 40;

    private static readonly string[] Wanted =
        ["Disconnect", "ForwardJoin", "Join", "KeepLink", "NeighborReply", "NeighborRequest", "Shuffle", "ShuffleReply"];

    [Fact]
    public void After_any_faults_every_link_has_two_living_ends_and_all_nodes_are_one_component()
    {
        if (SeededRuns.Play(output, "OVERLAY", nameof(RandomOverlayTests), Wanted, Run) is var (coverage, runs))
        {
            Assert.InRange(coverage.GetValueOrDefault(Islands), 0, (runs / 50) + 2);
        }
    }

    private static IEnumerable<string> Run(ulong seed)
    {
        var prng = new Prng(seed);
        var options = new OverlayOptions { ActiveMax = prng.Between(3, 5), PassiveMax = prng.Between(10, 30) };
        var mesh = new OverlayMesh(prng.NextUInt64(), options, broadcast: null)
        {
            Delay = prng.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(200)),
            Jitter = 1,
        };
        var checker = new OverlayChecker(mesh, options);
        mesh.Asked = checker.Check;
        mesh.Start();
        mesh.Start();
        for (var i = 0; i < 60; i++)
        {
            Disturb(mesh, prng);
            mesh.Pass(prng.Between(TimeSpan.Zero, TimeSpan.FromSeconds(prng.Chance(0.1) ? 30 : 1)));
            checker.CheckViews();
        }

        mesh.Loss = 0;
        mesh.AreDeadRefusing = true;

        // A cycle in which each dead neighbour is noticed, and some in which those without neighbours find others.
        mesh.Pass(options.ShufflePeriod * 6);
        checker.CheckViews();
        if (checker.Apart() is { } apart)
        {
            checker.Seen.Add(Islands, 1);
            apart.Give(new OverlayInput.JoinVia(mesh.Living.First().Id));
            mesh.Pass(options.ShufflePeriod * 2);
        }

        checker.CheckRest();
        return checker.Seen.Keys;
    }

    private static void Disturb(OverlayMesh mesh, Prng prng)
    {
        var living = mesh.Living.ToList();
        var node = prng.Pick(living);
        switch (prng.Next(9))
        {
            case < 3 when mesh.Nodes.Count < NodesMax:
                for (var started = prng.Between(1, prng.Chance(0.2) ? 10 : 1); started > 0 && mesh.Nodes.Count < NodesMax; started--)
                {
                    mesh.Start();
                }

                break;
            case 3 when living.Count > 2:
                node.IsAlive = false;
                break;
            case 4:
                mesh.Restart(node.Slot);
                break;
            case 5 when living.Count > 2:
                node.Give(new OverlayInput.Left());
                mesh.Events.After(prng.Between(TimeSpan.Zero, TimeSpan.FromSeconds(20)), () => EndOrReturn(mesh, node));
                break;
            case 6 when node.Overlay.ActiveView.Count > 0:
                // The connection breaks, and only this end notices.
                node.Give(new OverlayInput.PeerLost(prng.Pick(node.Overlay.ActiveView)));
                break;
            case 7:
                mesh.Loss = prng.Chance(0.5) ? 0 : 0.3;
                mesh.AreDeadRefusing = prng.Chance(0.7);
                break;
            case 8 when living.Count > 1:
                // Two overlays have learnt of each other, or somebody thinks so.
                mesh.GiveContact(node);
                break;
            default:
                break;
        }
    }

    private static void EndOrReturn(OverlayMesh mesh, OverlayMeshNode node)
    {
        if (mesh.Living.Count() > 2)
        {
            node.IsAlive = false;
        }
        else
        {
            node.Give(new OverlayInput.Started());
        }
    }
}
