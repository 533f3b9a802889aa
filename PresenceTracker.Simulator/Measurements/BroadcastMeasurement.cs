using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>The broadcast workload of Maelstrom, with its accounting.</summary>
internal sealed class BroadcastMeasurement : Measurement
{
    private const int Nodes = 25;
    private const double OperationsPerSecond = 100;

    private static readonly TimeSpan LinkDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(20);

    // Before its last reads Maelstrom waits as long; what is sent meanwhile counts.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);

    private static readonly GossipOptions OneTopic = new() { ShardCount = 1 };

    private static readonly GossipOptions SlowLinks = OneTopic with
    {
        RoundInterval = TimeSpan.FromSeconds(2),
        FanOut = 1,
    };

    private static readonly Setting[] Settings =
    [
        new("defaults (made for links of a millisecond)", OneTopic, TimeSpan.FromMilliseconds(5), null),
        new("digests every 2 s, fan-out 1", SlowLinks, TimeSpan.FromMilliseconds(5), new("3d", 30, 400, 600)),
        new("digests every 2 s, fan-out 1, flush window 1 s", SlowLinks, TimeSpan.FromSeconds(1), new("3e", 20, 1_000, 2_000)),
    ];

    public override string Name => "broadcast";

    public override string Title => "Messages and latency of a broadcast among 25 nodes on links of 100 ms (G3)";

    public override string Method =>
        "The accounting of Maelstrom's broadcast workload, as the challenges 3d and 3e ask for: 100 operations a second for 20 s on random nodes, half of them "
        + "reads, which cost nothing, half of them broadcasts, each a presence tracked in one topic. Every message between nodes counts, digests and "
        + "acknowledgements too, also those of the 10 s after the load; the probes of the failure detector do not. The latency of a broadcast is the time until the "
        + "last node shows it. The bars are held against options that a user can set, `gossip.interval`, `gossip.fan-out` and `flush-window`: the defaults are made "
        + "for local networks, with five digest rounds a second, and between nodes this far apart a change is under way for half of one.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        foreach (var setting in Settings)
        {
            var (operations, broadcasts, latencies, sent) = Measure(setting);
            var perOperation = (double)sent.Messages / operations;
            var median = latencies.Quantile(0.5);
            progress($"{setting.Name}: {Sample.Text(perOperation, 1)} messages per operation");
            rows.Add(
            [
                setting.Name, $"{operations:n0}", $"{broadcasts:n0}", Sample.Text(perOperation, 1),
                Share(sent.Of(nameof(GossipMessage.Push))), Share(sent.Of(nameof(GossipMessage.PushAck))),
                Share(sent.Of(nameof(GossipMessage.DigestRoot), nameof(GossipMessage.DigestEqual), nameof(GossipMessage.DigestBuckets), nameof(GossipMessage.DigestContexts))),
                Share(sent.Of(nameof(GossipMessage.Pull), nameof(GossipMessage.PullReply))),
                $"{median:f0} ms", $"{latencies.Max:f0} ms",
            ]);
            if (setting.Bar is { } bar)
            {
                figures.Add(new Figure(
                    $"G3: challenge {bar.Challenge}, {setting.Name}: messages per operation · median · most", $"{Sample.Text(perOperation, 1)} · {median:f0} ms · {latencies.Max:f0} ms",
                    $"< {bar.Messages} · < {bar.Median} ms · < {bar.Most} ms", "27.8 · 452 · 791 ms (guide, grid); 12.0 · 386 · 505 ms (tree)",
                    perOperation < bar.Messages && median < bar.Median && latencies.Max < bar.Most));
            }

            string Share(long messages) => Sample.Text((double)messages / operations, 1);
        }

        return new MeasurementReport(
            [.. figures],
            [
                new ResultTable(
                    "Messages per operation, and the latency of broadcasts",
                    ["options", "operations", "broadcasts", "messages", "pushes", "acknowledgements", "digests", "pulls and answers", "median", "most"],
                    [.. rows]),
            ],
            []);
    }

    private static (int Operations, int Broadcasts, Sample Latencies, MessageTally Sent) Measure(Setting setting)
    {
        var mesh = new GossipMesh(seed: 3, Nodes, LinkDelay, setting.Gossip, new ReplicationOptions { FlushWindow = setting.FlushWindow });
        mesh.Start(writers: Nodes);
        mesh.Pass(Recovery);
        mesh.Sent.Clear();
        var prng = new Prng(3);
        var latencies = new List<double>();
        var underWay = new SortedDictionary<(ReplicaId Replica, ulong Sequence), (long Ticks, int Missing)>();
        var written = new SortedDictionary<NodeId, ulong>();
        var shown = new SortedDictionary<(NodeId Node, ReplicaId Replica), ulong>();
        mesh.ContextShown = (node, replica, context) =>
        {
            var before = shown.GetValueOrDefault((node.Id, replica));
            shown[(node.Id, replica)] = context;
            for (var sequence = before + 1; sequence <= context; sequence++)
            {
                var (ticks, missing) = underWay[(replica, sequence)];
                underWay[(replica, sequence)] = (ticks, missing - 1);
                if (missing == 1)
                {
                    latencies.Add(TimeSpan.FromTicks(mesh.Events.Now.Ticks - ticks).TotalMilliseconds);
                }
            }
        };
        var operations = 0;
        var broadcasts = 0;
        for (var passed = prng.Exponential(TimeSpan.FromSeconds(1 / OperationsPerSecond)); passed < Load;)
        {
            operations++;
            if (prng.Chance(0.5))
            {
                var node = prng.Pick(mesh.Nodes);
                broadcasts++;
                written[node.Id] = written.GetValueOrDefault(node.Id) + 1;
                underWay[(new ReplicaId(node.Id, 0, 0), written[node.Id])] = (mesh.Events.Now.Ticks, Nodes);
                node.Track(shard: 0);
            }

            var gap = prng.Exponential(TimeSpan.FromSeconds(1 / OperationsPerSecond));
            mesh.Pass(gap);
            passed += gap;
        }

        mesh.Pass(Recovery);
        if (latencies.Count != broadcasts)
        {
            throw new InvalidOperationException($"{latencies.Count} of {broadcasts} broadcasts have reached every node");
        }

        return (operations, broadcasts, new Sample(latencies), mesh.Sent);
    }

    private sealed record Setting(string Name, GossipOptions Gossip, TimeSpan FlushWindow, ChallengeBar? Bar);

    private sealed record ChallengeBar(string Challenge, int Messages, int Median, int Most);
}
