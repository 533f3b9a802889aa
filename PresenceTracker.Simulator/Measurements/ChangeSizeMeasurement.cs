using System.Collections.Immutable;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Whether what is sent follows the change and not the state.</summary>
internal sealed class ChangeSizeMeasurement : Measurement
{
    private const int PresencesPerBatch = 1_000;

    private static readonly TimeSpan LinkDelay = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly int[] States = [100, 1_000, 10_000, 100_000];
    private static readonly int[] Changes = [1, 10, 100, 1_000, 10_000];

    public override string Name => "change-size";

    public override string Title => "Bytes against the change, at states of a hundred to a hundred thousand presences";

    public override string Method =>
        "Two nodes of one shard hold equal presences. Then one node makes changes, in one batch. Pushed: all bytes that bring it to the other, with acknowledgements and without digests; what is beyond the window "
        + "of 256 KB is pulled. Repaired: all bytes of the digest rounds and pulls that bring the same when the push is lost, until both are at rest.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var rows = new List<ImmutableArray<string>>();
        var oneChange = new List<(double State, double Pushed, double Repaired, double Joined)>();
        var byChange = new List<(double Change, double Pushed, double Repaired)>();
        foreach (var state in States)
        {
            var pushes = Create(state, isPushed: true, out _);
            var repairs = Create(state, isPushed: false, out var joined);
            foreach (var change in Changes)
            {
                var (pushed, repaired) = (BytesOf(pushes, change), BytesOf(repairs, change));
                rows.Add([$"{state:n0}", $"{change:n0}", $"{pushed:n0}", Sample.Text((double)pushed / change, 0), $"{repaired:n0}"]);
                if (change == 1)
                {
                    oneChange.Add((state, pushed, repaired, joined));
                }

                if (state == States[^1])
                {
                    byChange.Add((change, pushed, repaired));
                }
            }

            progress($"{state} presences");
        }

        var growth = oneChange.Max(point => point.Pushed) / oneChange.Min(point => point.Pushed);
        return new MeasurementReport(
            [
                new Figure(
                    "Bytes follow the change: bytes pushed for one change, most / least over all states", Sample.Text(growth), "≤ 1.10", "1,000 (a state that is sent whole)", growth <= 1.1),
            ],
            [new ResultTable("Bytes", ["presences", "changes", "pushed", "per change", "repaired by digests"], [.. rows])],
            [
                new Plot(
                    "bytes-by-state", "Bytes for one change, against the state", new PlotAxis("presences", IsLogarithmic: true), new PlotAxis("bytes", IsLogarithmic: true),
                    [
                        new PlotLine("pushed", 0, IsAnchor: false, [.. oneChange.Select(point => (point.State, point.Pushed))]),
                        new PlotLine("repaired by digests", 1, IsAnchor: false, [.. oneChange.Select(point => (point.State, point.Repaired))]),
                        new PlotLine("the whole state, as a joiner gets it", 2, IsAnchor: true, [.. oneChange.Select(point => (point.State, point.Joined))]),
                    ]),
                new Plot(
                    "bytes-by-change", "Bytes against the change, at 100,000 presences", new PlotAxis("changes", IsLogarithmic: true), new PlotAxis("bytes", IsLogarithmic: true),
                    [
                        new PlotLine("pushed", 0, IsAnchor: false, [.. byChange.Select(point => (point.Change, point.Pushed))]),
                        new PlotLine("repaired by digests", 1, IsAnchor: false, [.. byChange.Select(point => (point.Change, point.Repaired))]),
                    ]),
            ]);
    }

    private static GossipMesh Create(int state, bool isPushed, out long joined)
    {
        var mesh = new GossipMesh(
            seed: 9, nodes: 2, LinkDelay, new GossipOptions { ShardCount = 1, PushEnabled = isPushed }, new ReplicationOptions());
        mesh.Start(writers: 2);
        for (var tracked = 0; tracked < state; tracked += Math.Min(state, PresencesPerBatch))
        {
            mesh.Nodes[0].Track(shard: 0, Math.Min(state, PresencesPerBatch));
        }

        mesh.Pass(Settling);
        joined = mesh.Sent.Bytes;
        return mesh;
    }

    private static long BytesOf(GossipMesh mesh, int change)
    {
        mesh.Sent.Clear();
        mesh.Nodes[0].Track(shard: 0, change);
        mesh.Pass(Settling);

        // With push on, digests find nothing; what they cost at rest is measured elsewhere.
        return mesh.Gossip.PushEnabled
            ? mesh.Sent.BytesOf(nameof(GossipMessage.Push), nameof(GossipMessage.PushAck), nameof(GossipMessage.Pull), nameof(GossipMessage.PullReply))
            : mesh.Sent.Bytes;
    }
}
