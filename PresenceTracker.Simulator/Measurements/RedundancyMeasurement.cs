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
    private const int LongLink = 4;
    private const double FullBar = 1.05;
    private const double PartialBar = 1.3;
    private const string Forwarding = "partial mesh of degree 4, broadcast";
    private const string Anchor = "1.00 (delta with both optimisations); 46.7 (classic delta)";

    private static readonly TimeSpan EventInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private static readonly Setting[] Settings =
    [
        new("full mesh", IsPartial: false, Milliseconds: 0.5, Loss: 0),
        new("full mesh", IsPartial: false, Milliseconds: 10, Loss: 0),
        new("full mesh", IsPartial: false, Milliseconds: 100, Loss: 0),
        new("full mesh", IsPartial: false, Milliseconds: 0.5, Loss: 0.05),
        new("partial mesh of degree 4, nobody forwards", IsPartial: true, Milliseconds: 0.5, Loss: 0),
        new(Forwarding, IsPartial: true, Milliseconds: 0.5, Loss: 0),
        new(Forwarding, IsPartial: true, Milliseconds: 10, Loss: 0),
        new(Forwarding, IsPartial: true, Milliseconds: 0.5, Loss: 0.05),
    ];

    public override string Name => "redundancy";

    public override string Title => "Dots received for each dot that was new (G16)";

    public override string Method =>
        "The grow-only set of Enes et al. (ICDE 2019): 15 nodes, each adds an element about each second, a hundred times; here each tracks a presence. Default "
        + "options, delays that differ by half: pushes to every peer beside the digest rounds, which may ask for what is still under way. Every dot that comes to a "
        + "shard counts, against one of each for each other node. The partial mesh is theirs: node i is linked with i ± 1 and i ± 4; what is broadcast "
        + "over it counts each time that it comes. The bar is for all delays, without loss.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var rows = new List<ImmutableArray<string>>();
        var ratios = new List<double>();
        foreach (var setting in Settings)
        {
            var (ratio, mesh) = Measure(setting);
            progress($"{setting.Describe()}: {Sample.Text(ratio, 3)}");
            ratios.Add(ratio);
            rows.Add([setting.Describe(), $"{mesh.DotsReceived:n0}", $"{DotsWanted:n0}", Sample.Text(ratio, 3), $"{mesh.Sent.Of(nameof(GossipMessage.Pull)):n0}"]);
        }

        var forwarded = Settings.Zip(ratios).Where(each => each.First is { Topology: Forwarding, Loss: 0 }).Max(each => each.Second);
        return new MeasurementReport(
            [
                new Figure("G16: dots received / new, full mesh of 15", Sample.Text(ratios[0], 3), $"≤ {FullBar}", Anchor, ratios[0] <= FullBar),
                new Figure("G16: dots received / new, partial mesh of 15 and degree 4, receivers forward", Sample.Text(forwarded, 3), $"≤ {PartialBar}", Anchor, forwarded <= PartialBar),
            ],
            [new ResultTable("Dots", ["setting", "dots received", "new", "ratio", "pulls"], [.. rows])],
            []);
    }

    private static long DotsWanted => (long)Nodes * EventsPerNode * (Nodes - 1);

    private static (double Ratio, GossipMesh Mesh) Measure(Setting setting)
    {
        var mesh = new GossipMesh(
            seed: 16, Nodes, TimeSpan.FromMilliseconds(setting.Milliseconds), new GossipOptions { ShardCount = 1 }, new ReplicationOptions())
        {
            Loss = setting.Loss,
            Jitter = 0.5,
            Broadcasts = setting.Topology == Forwarding,
            AreLinked = (one, other) => !setting.IsPartial || Math.Abs(one - other) is 1 or LongLink or Nodes - 1 or Nodes - LongLink,
        };
        mesh.Start(writers: Nodes);
        mesh.Pass(Settling);
        mesh.DotsReceived = 0;
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
        return mesh.Nodes.All(node => node.Contexts.Count == Nodes && node.Contexts.Values.All(context => context == EventsPerNode))
            ? ((double)mesh.DotsReceived / DotsWanted, mesh)
            : throw new InvalidOperationException($"{setting.Describe()}: some node lacks a dot {Settling} after the last event");
    }

    private sealed record Setting(string Topology, bool IsPartial, double Milliseconds, double Loss)
    {
        public string Describe() =>
            FormattableString.Invariant($"{Topology}, links of {Milliseconds} ms{(Loss > 0 ? $", {Loss * 100:f0} % of the messages lost" : "")}");
    }
}
