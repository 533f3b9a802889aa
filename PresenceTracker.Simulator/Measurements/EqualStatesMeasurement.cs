using System.Collections.Immutable;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What two nodes say to each other that have the same.</summary>
internal sealed class EqualStatesMeasurement : Measurement
{
    private const int Shards = 8;
    private const int BytesPerReplica = 24;
    private const int BytesPerExchange = 64;

    private static readonly TimeSpan LinkDelay = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(1);

    private static readonly (int Nodes, int Presences)[] States = [(3, 10), (3, 10_000), (10, 10), (10, 1_000), (50, 10)];

    public override string Name => "equal-states";

    public override string Title => "What an exchange of equal states costs (G17)";

    public override string Method =>
        "Nodes with equal presences of each other, 8 shards each, default options. At rest they exchange nothing: the root rides on probes. So each is told, "
        + "wrongly, that another's root differs, which makes all compare for 2 s. An exchange is a root hash over all shards and its answer; the bar, for one "
        + "shard, is held against all eight together.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        foreach (var (nodes, presences) in States)
        {
            var mesh = Measure(nodes, presences);
            var exchanges = mesh.Sent.Of(nameof(GossipMessage.DigestRoot));
            var bytes = (double)mesh.Sent.Bytes / exchanges;
            var bar = (BytesPerReplica * nodes) + BytesPerExchange;
            progress($"{nodes} nodes with {presences} presences each: {Sample.Text(bytes, 1)} bytes an exchange");
            rows.Add(
            [
                $"{nodes}", $"{nodes * presences:n0}", $"{exchanges:n0}", $"{mesh.Sent.Messages:n0}", Sample.Text(bytes, 1), $"{mesh.Sent.Presences}",
            ]);
            figures.Add(new Figure(
                $"G17: bytes and presences of an exchange of all shards: {nodes} nodes with {nodes * presences:n0} presences",
                $"{Sample.Text(bytes, 1)} B, {mesh.Sent.Presences}", $"≤ {bar} B, 0", "20 min of transfers (Phoenix issue 135)",
                bytes <= bar && mesh.Sent.Presences == 0));
        }

        return new MeasurementReport(
            [.. figures],
            [
                new ResultTable(
                    "A minute of equal states, looked at for no reason",
                    ["nodes", "presences", "exchanges", "messages", "bytes per exchange", "presences sent"],
                    [.. rows]),
            ],
            []);
    }

    private static GossipMesh Measure(int nodes, int presences)
    {
        var mesh = new GossipMesh(seed: 17, nodes, LinkDelay, new GossipOptions { ShardCount = Shards }, new ReplicationOptions());
        mesh.Start(writers: nodes);
        foreach (var node in mesh.Nodes)
        {
            for (var shard = 0; shard < Shards; shard++)
            {
                node.Track(shard, Math.Max(1, presences / Shards));
            }
        }

        mesh.Pass(Settling);
        mesh.Sent.Clear();
        foreach (var (slot, node) in mesh.Nodes.Index())
        {
            node.Handle(new GossipInput.RootDiffers(mesh.Nodes[(slot + 1) % nodes].Id));
        }

        mesh.Pass(Watched);
        return mesh;
    }
}
