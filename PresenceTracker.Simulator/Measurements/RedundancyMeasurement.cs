using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>How often a dot comes to a node that has it already.</summary>
internal sealed class RedundancyMeasurement : Measurement
{
    private const int Nodes = 15;
    private const int EventsPerNode = 100;
    private const double Bar = 1.05;

    private static readonly TimeSpan EventInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private static readonly (double Milliseconds, double Loss, bool HasBar)[] Links =
        [(0.5, 0, true), (10, 0, false), (100, 0, false), (0.5, 0.05, false)];

    public override string Name => "redundancy";

    public override string Title => "Dots received for each dot that was new (G16)";

    public override string Method =>
        "The grow-only set of Enes et al. (ICDE 2019): 15 nodes, each adds an element about each second, a hundred times; here each tracks a presence. Full "
        + "mesh, default options, delays that differ by half: pushes to every peer beside the digest rounds, which may ask for what is still under way.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        foreach (var (milliseconds, loss, hasBar) in Links)
        {
            var mesh = Measure(TimeSpan.FromMilliseconds(milliseconds), loss);
            var ratio = (double)mesh.Dots.Received / mesh.Dots.New;
            var links = $"links of {milliseconds} ms{(loss > 0 ? $", {loss:p0} of the messages lost" : "")}";
            progress($"{links}: {Sample.Text(ratio, 3)}");
            rows.Add([links, $"{mesh.Dots.Received:n0}", $"{mesh.Dots.New:n0}", Sample.Text(ratio, 3), $"{mesh.Sent.Of(nameof(GossipMessage.Pull)):n0}"]);
            if (hasBar)
            {
                figures.Add(new Figure(
                    "G16: dots received / new, full mesh", Sample.Text(ratio, 3), $"≤ {Bar}", "1.00 (delta with both optimisations); 46.7 (classic delta)", ratio <= Bar));
            }
        }

        return new MeasurementReport([.. figures], [new ResultTable("Full mesh", ["setting", "dots received", "new", "ratio", "pulls"], [.. rows])], [])
        {
            Remarks =
            [
                "The partial mesh of degree 4 (bar ≤ 1.3) is not measured: in the full mesh, which is all that there is so far, receivers do not forward, and "
                + "without forwarding a push does not cross a partial mesh.",
            ],
        };
    }

    private static GossipMesh Measure(TimeSpan delay, double loss)
    {
        var mesh = new GossipMesh(seed: 16, Nodes, delay, new GossipOptions { ShardCount = 1 }, new ReplicationOptions())
        {
            Loss = loss,
            Jitter = 0.5,
        };
        mesh.Start(writers: Nodes);
        mesh.Pass(Settling);
        mesh.Dots = default;
        mesh.Sent.Clear();
        var prng = new Prng(16);
        foreach (var node in mesh.Nodes)
        {
            for (var number = 0; number < EventsPerNode; number++)
            {
                mesh.Events.After(EventInterval * (number + prng.NextDouble()), () => node.Track(shard: 0));
            }
        }

        mesh.Pass((EventInterval * EventsPerNode) + Settling);
        var wanted = (long)Nodes * EventsPerNode * (Nodes - 1);
        return mesh.Dots.New >= wanted ? mesh : throw new InvalidOperationException($"{mesh.Dots.New} of {wanted} dots have arrived");
    }
}
