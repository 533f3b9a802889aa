using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What is kept beside the presences that live.</summary>
internal sealed class MetadataMeasurement : Measurement
{
    private const int Live = 10_000;
    private const int Operations = 1_000_000;
    private const int OperationsPerBatch = 2_000;
    private const int Restarts = 1_000;
    private const int LiveBesideRestarts = 100;

    private static readonly TimeSpan LinkDelay = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(20);
    private static readonly PresenceSetOptions Limits = new();

    public override string Name => "metadata";

    public override string Title => "What is kept after a million operations, and after a thousand restarts (G19)";

    public override string Method =>
        "Two nodes of one shard. One of them holds 10,000 presences and then tracks and untracks others, a million operations in all, while the other follows. "
        + "Then in another pair one holds a hundred presences while the other is restarted a thousand times, each time as a new process with ten of its own. "
        + "Counted is what gossip and shards hold: entries of the causal context, ranges beyond it, and the bytes of the operation log.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var (churned, replica) = Churn();
        progress("a million operations are done");
        var restarted = Restart();
        progress("a thousand restarts are done");
        var logs = churned.Nodes.Select(node => node.LogBytes).ToList();
        return new MeasurementReport(
            [
                new Figure(
                    "G19: context entries / ranges beyond, on either node, after 10⁶ operations with 10,000 live", Describe(churned), "2 / 0, 2 / 0",
                    "O(replicas + values) (DVVSet)", IsClean(churned) && churned.Nodes.All(node => node.Contexts[replica] == Live + Operations)),
                new Figure(
                    "G19: operation log after that, writer and follower", $"{logs[0]:n0} B, {logs[1]:n0} B", $"≤ {Limits.OperationLogBytesMax:n0} B", "—",
                    logs.All(bytes => bytes <= Limits.OperationLogBytesMax)),
                new Figure(
                    "G19: context entries / ranges beyond, on either node, after 1,000 restarts of one", Describe(restarted), "2 / 0, 2 / 0",
                    "stops after a week of them (Phoenix issue 179)", IsClean(restarted)),
            ],
            [],
            []);
    }

    private static (GossipMesh Mesh, ReplicaId Written) Churn()
    {
        var mesh = Create();
        var writer = mesh.Nodes[0];
        writer.Track(shard: 0, Live);
        mesh.Pass(Settling);
        for (var done = 0; done < Operations; done += OperationsPerBatch)
        {
            writer.TrackAndUntrack(shard: 0, OperationsPerBatch / 2);
            mesh.Pass(BatchInterval);
        }

        mesh.Pass(Settling);
        return (mesh, new ReplicaId(writer.Id, 0, 0));
    }

    private static GossipMesh Restart()
    {
        var mesh = Create();
        mesh.Nodes[0].Track(shard: 0, LiveBesideRestarts);
        mesh.Pass(Settling);
        for (var life = 0; life < Restarts; life++)
        {
            mesh.Restart(slot: 1);
            mesh.Nodes[1].Track(shard: 0, 10);
            mesh.Pass(BatchInterval);
        }

        mesh.Pass(Settling);
        return mesh;
    }

    private static GossipMesh Create()
    {
        var mesh = new GossipMesh(seed: 19, nodes: 2, LinkDelay, new GossipOptions { ShardCount = 1 }, new ReplicationOptions());
        mesh.Start(writers: 2);
        return mesh;
    }

    private static bool IsClean(GossipMesh mesh) => mesh.Nodes.All(node =>
        node.Contexts.Count == mesh.Nodes.Count && node.Replicas.Count() == mesh.Nodes.Count && node.Replicas.All(replica => node.PositionOf(replica).CoveredTo == 0));

    private static string Describe(GossipMesh mesh) => string.Join(", ", mesh.Nodes.Select(node =>
        $"{node.Replicas.Count()} / {node.Replicas.Count(replica => node.PositionOf(replica).CoveredTo != 0)}"));
}
