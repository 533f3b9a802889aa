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

    private static readonly TimeSpan LinkDelay = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(20);
    private static readonly PresenceSetOptions Limits = new();

    // So that one answer shows all of the log.
    private static readonly ReplicationOptions Unbounded = new() { PullPartsMax = int.MaxValue };

    public override string Name => "metadata";

    public override string Title => "What is kept after a million operations, and after a thousand restarts (G19)";

    public override string Method =>
        "Two nodes of one shard. First one of them holds 10,000 presences and then tracks and untracks others, a million operations in all, while the other "
        + "follows; then the other is restarted a thousand times, each time as a new process with ten presences. Counted is what the gossip and the shards "
        + "hold: entries of the causal context, ranges beyond it, and what the operation log still has, as a peer would be served from it.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var mesh = new GossipMesh(seed: 19, nodes: 2, LinkDelay, new GossipOptions { ShardCount = 1 }, Unbounded);
        mesh.Start(writers: 2);
        var writer = mesh.Nodes[0];
        writer.Track(shard: 0, Live);
        mesh.Pass(Settling);
        for (var done = 0; done < Operations; done += OperationsPerBatch)
        {
            writer.TrackAndUntrack(shard: 0, OperationsPerBatch / 2);
            mesh.Pass(BatchInterval);
        }

        mesh.Pass(Settling);
        progress("a million operations are done");
        var replica = new ReplicaId(writer.Id, 0, 0);
        var log = new[] { LogBytes(mesh.Nodes[0], replica), LogBytes(mesh.Nodes[1], replica) };
        var churned = Describe(mesh);
        var isChurnClean = IsClean(mesh) && mesh.Nodes.All(node => node.Contexts[replica] == Live + Operations);

        for (var life = 0; life < Restarts; life++)
        {
            mesh.Restart(slot: 1);
            mesh.Nodes[1].Track(shard: 0, 10);
            mesh.Pass(BatchInterval);
        }

        mesh.Pass(Settling);
        return new MeasurementReport(
            [
                new Figure("G19: context entries / ranges beyond, after 10⁶ operations with 10,000 live", churned, "2 / 0 each", "O(replicas + values) (DVVSet)", isChurnClean),
                new Figure(
                    "G19: operation log after that, writer and follower", $"{log[0]:n0} B, {log[1]:n0} B", $"≤ {Limits.OperationLogBytesMax:n0} B", "—",
                    log.All(bytes => bytes <= Limits.OperationLogBytesMax)),
                new Figure("G19: context entries / ranges beyond, after 1,000 restarts of a peer", Describe(mesh), "2 / 0 each", "stops after a week of them (Phoenix issue 179)", IsClean(mesh)),
            ],
            [],
            []);
    }

    private static bool IsClean(GossipMesh mesh) => mesh.Nodes.All(node =>
        node.Contexts.Count == mesh.Nodes.Count && node.Replicas.Count() == mesh.Nodes.Count && node.Replicas.All(replica => node.PositionOf(replica).CoveredTo == 0));

    private static string Describe(GossipMesh mesh) => string.Join(", ", mesh.Nodes.Select(node =>
        $"{node.Replicas.Count()} / {node.Replicas.Count(replica => node.PositionOf(replica).CoveredTo != 0)}"));

    /// <summary>The removals that the node can still serve as deltas, each as large as it is in memory.</summary>
    private static long LogBytes(GossipMeshNode node, ReplicaId replica)
    {
        var context = node.Contexts[replica];
        ulong low = 0;
        var high = context - 1;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (node.Serve(replica, new PullPosition(middle, 0, 0))[0].IsDelta)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return node.Serve(replica, new PullPosition(low, 0, 0)).Sum(part => (long)part.Removals.Length) * OperationLog.BytesPerRemoval;
    }
}
