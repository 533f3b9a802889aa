using System.Collections.Immutable;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What a change costs that goes to all nodes along the overlay, and how that grows.</summary>
internal sealed class TreeMeasurement : Measurement
{
    private const int Cycles = 20;
    private const int WarmUp = 50;
    private const int Changes = 100;
    private const double TreeBar = 0.1;
    private const double FloodBar = 3;
    private const double GrowthBar = 1.1;

    // Of one presence that is tracked, as a push carries it.
    private const int PayloadBytes = 256;

    private static readonly TimeSpan ChangeInterval = TimeSpan.FromSeconds(1);
    private static readonly int[] Sizes = [10, 100, 1_000, 10_000];
    private static readonly OverlayOptions Overlay = new();
    private static readonly BroadcastOptions Broadcast = new();

    public override string Name => "tree";

    public override string Title => "Messages, bytes and hops of a change along the overlay, from 10 to 10,000 nodes (G15)";

    public override string Method =>
        "Overlay and broadcast cores with default options; nodes join one by one and shuffle for 20 cycles, and 50 changes make the tree. Then 100 changes, one each second, so that no two share an announcement: all of "
        + "one node, or each of a random one. A change is a payload of 256 bytes, as much as a presence that is tracked. Links take 1 ms. Redundancy (RMR) is payloads received by each node beyond the one that it "
        + "needs. Bytes are upper bounds, as elsewhere on this page. Without the tree, each node passes a change on to all its neighbours but the one that it came from.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var costs = new List<Cost>();
        foreach (var nodes in Sizes)
        {
            costs.Add(Measure(nodes));
            progress($"{nodes:n0} nodes");
        }

        var largest = costs[^1];
        var (thousand, hundred) = (costs[^2], costs[^3]);
        var growth = largest.Many.MessagesPerNode / hundred.Many.MessagesPerNode;
        return new MeasurementReport(
            [
                new Figure($"G15: redundancy with the tree, {largest.Nodes:n0} nodes, one sender", Sample.Text(largest.One.Redundancy, 4), $"≤ {TreeBar}", "0 (Plumtree)", largest.One.Redundancy <= TreeBar),
                new Figure($"G15: redundancy with the tree, {largest.Nodes:n0} nodes, 100 senders", Sample.Text(largest.Many.Redundancy, 4), $"≤ {TreeBar}", "0 (Plumtree)", largest.Many.Redundancy <= TreeBar),
                new Figure($"G15: redundancy without the tree, {largest.Nodes:n0} nodes", Sample.Text(largest.FloodRedundancy, 4), $"≤ {FloodBar}", "3 (eager push, fan-out 4)", largest.FloodRedundancy <= FloodBar),
                new Figure("Growth: messages per node and change, 10,000 nodes against 100", Sample.Text(growth, 3), $"≤ {Sample.Text(GrowthBar, 1)}", "100 (a full mesh)", growth <= GrowthBar),
                new Figure(
                    "Growth: most hops, 10,000 nodes against 1,000, many senders", $"{largest.Many.HopsMax} · {thousand.Many.HopsMax}", "≤ 4/3, as the logarithms", "8 to 9 is the diameter of such an overlay (Plumtree)",
                    3 * largest.Many.HopsMax <= 4 * thousand.Many.HopsMax),
            ],
            [
                new ResultTable(
                    "One change, by node",
                    ["nodes", "senders", "payloads", "control messages", "messages", "bytes", "hops, mean", "hops, most", "redundancy", "redundancy without the tree"],
                    [.. costs.SelectMany(cost => new[] { Row(cost, "one", cost.One), Row(cost, "100", cost.Many) })]),
            ],
            []);
    }

    private static ImmutableArray<string> Row(Cost cost, string senders, Traffic traffic) =>
    [
        $"{cost.Nodes:n0}", senders, Sample.Text(traffic.PayloadsPerNode, 3), Sample.Text(traffic.ControlPerNode, 3), Sample.Text(traffic.MessagesPerNode, 3),
        Sample.Text(traffic.BytesPerNode, 0), Sample.Text(traffic.HopsMean, 1), $"{traffic.HopsMax}", Sample.Text(traffic.Redundancy, 4), Sample.Text(cost.FloodRedundancy, 4),
    ];

    private static Cost Measure(int nodes)
    {
        var mesh = new OverlayMesh(seed: 15, Overlay, Broadcast);
        mesh.Grow(nodes, Cycles);
        var flood = new OverlayFlood(mesh);
        flood.Run(mesh.Nodes[0]);
        var floodRedundancy = ((double)flood.Sent / (nodes - 1)) - 1;
        var sender = mesh.Prng.Pick(mesh.Nodes);
        var one = Spread(mesh, () => sender);
        return new Cost(nodes, floodRedundancy, one, Spread(mesh, () => mesh.Prng.Pick(mesh.Nodes)));
    }

    private static Traffic Spread(OverlayMesh mesh, Func<OverlayMeshNode> sender)
    {
        for (var change = 0; change < WarmUp; change++)
        {
            Change();
        }

        mesh.Sent.Clear();
        var (delivered, hops, hopsMax) = (0L, 0L, 0);
        mesh.Delivered = (_, deliver) =>
        {
            delivered++;
            hops += deliver.Hops;
            hopsMax = Math.Max(hopsMax, deliver.Hops);
        };
        for (var change = 0; change < Changes; change++)
        {
            Change();
        }

        mesh.Delivered = (_, _) => { };
        var receivers = (long)Changes * (mesh.Nodes.Count - 1);
        if (delivered != receivers)
        {
            throw new InvalidOperationException($"{mesh.Nodes.Count} nodes: {delivered} deliveries of {receivers}");
        }

        var sent = mesh.Sent;
        var total = (double)Changes * mesh.Nodes.Count;
        return new Traffic(
            sent.Payloads / total, sent.ControlMessages / total, (sent.PayloadBytes + sent.ControlBytes) / total, (double)hops / delivered, hopsMax, ((double)sent.Payloads / receivers) - 1);

        void Change()
        {
            sender().Give(new BroadcastInput.Publish([.. new byte[PayloadBytes]]));
            mesh.Pass(ChangeInterval);
        }
    }

    private sealed record Cost(int Nodes, double FloodRedundancy, Traffic One, Traffic Many);

    private sealed record Traffic(double PayloadsPerNode, double ControlPerNode, double BytesPerNode, double HopsMean, int HopsMax, double Redundancy)
    {
        public double MessagesPerNode => PayloadsPerNode + ControlPerNode;
    }
}
