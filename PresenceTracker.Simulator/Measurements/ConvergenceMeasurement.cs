using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>How many digest rounds it takes until all nodes have a change, with push switched off.</summary>
internal sealed class ConvergenceMeasurement : Measurement
{
    private const double Lossy = 0.25;
    private const int ChangesPerCluster = 50;

    // Long enough for the greetings' rounds to end, and for rounds to go to sleep.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan LinkDelay = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly GossipOptions Options = new() { ShardCount = 1, PushEnabled = false };

    // Theory loses contacts; an exchange of four to six messages of which each is lost with that probability fails more often.
    private const string LostMessages = "an exchange has four to six messages, and the bar is that of theory, which loses contacts.";

    // What a simulation of nothing but random partners gives: mean and 99th percentile, healthy and with a quarter of the contacts lost.
    private static readonly Setting[] Settings =
    [
        new(3, 1_000, 1.1, 2, 1.3, 2, null),
        new(10, 1_000, 2.5, 3, 2.9, 4, (4, 5)),
        new(25, 400, 3.3, 4, 4.0, 5, null),
        new(50, 1_000, 4.0, 5, 4.7, 6, (5, 7)),
        new(100, 200, 4.5, 5, 5.4, 6, null),
        new(1_000, 50, 6.2, 7, 7.7, 9, (7, 9)),
    ];

    public override string Name => "convergence";

    public override string Title => "Rounds until all nodes have a change, by digests alone (G1, G2)";

    public override string Method =>
        "Gossip cores and shards of N nodes, which all know each other; push is switched off, so that only the digest rounds are left (push-pull, fan-out 2, "
        + "default options, links of 0.5 ms). One node writes, and the time until the last one shows it is counted in intervals of 200 ms. Rounds are "
        + "not in step: each node has its own, with jitter. The next change comes within one interval, so that rounds go on, as they do while anything "
        + "changes in a cluster. 1,000 changes each for 3, 10 and 50 nodes, fewer for the others to keep the time short. Loss is measured in two ways: "
        + "as theory has it, a quarter of all contacts come to nothing; and harder, each message is lost with that probability, of which an exchange "
        + "that brings a change has four to six.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        var lines = new[] { new List<(double, double)>(), [], [], [], [] };
        foreach (var setting in Settings)
        {
            var (healthy, contacts, messages) = Measure(setting);
            progress($"{setting.Nodes} nodes: {Text(healthy)}; a quarter of the contacts lost {Text(contacts)}, of the messages {Text(messages)}");
            rows.Add(
            [
                $"{setting.Nodes:n0}", $"{healthy.Count:n0}", Text(healthy), $"{setting.Mean} / {setting.P99}", Text(contacts),
                $"{setting.LossyMean} / {setting.LossyP99}", Text(messages),
            ]);
            double[] plotted = [P99(healthy), setting.P99, P99(contacts), setting.LossyP99, P99(messages)];
            for (var i = 0; i < plotted.Length; i++)
            {
                lines[i].Add((setting.Nodes, plotted[i]));
            }

            if (setting.Bars is var (bar, lossyBar))
            {
                figures.Add(FigureOf($"G1: rounds to all {setting.Nodes:n0} nodes, healthy, p99 of", healthy, bar, setting.P99));
                figures.Add(FigureOf($"G2: rounds to all {setting.Nodes:n0} nodes, 25 % of contacts lost, p99 of", contacts, lossyBar, setting.LossyP99));
                figures.Add(FigureOf($"G2: rounds to all {setting.Nodes:n0} nodes, 25 % of messages lost, p99 of", messages, lossyBar, setting.LossyP99) with
                {
                    WhyMissed = LostMessages,
                });
            }
        }

        return new MeasurementReport(
            [.. figures],
            [
                new ResultTable(
                    "Rounds, mean / p99 / most; theory is mean / p99 of random partners in step",
                    ["nodes", "changes when healthy", "healthy", "theory", "25 % of contacts lost", "theory", "25 % of messages lost"],
                    [.. rows]),
            ],
            [
                new Plot(
                    "rounds", "Rounds until all nodes have a change (p99)", new PlotAxis("nodes", IsLogarithmic: true), new PlotAxis("rounds", IsLogarithmic: false),
                    [
                        new PlotLine("healthy", 0, IsAnchor: false, [.. lines[0]]),
                        new PlotLine("healthy, theory", 0, IsAnchor: true, [.. lines[1]]),
                        new PlotLine("25 % of contacts lost", 1, IsAnchor: false, [.. lines[2]]),
                        new PlotLine("25 % of contacts lost, theory", 1, IsAnchor: true, [.. lines[3]]),
                        new PlotLine("25 % of messages lost", 2, IsAnchor: false, [.. lines[4]]),
                    ]),
            ]);
    }

    private static Figure FigureOf(string what, Sample sample, int bar, int anchor) =>
        new($"{what} {sample.Count:n0}", Sample.Text(P99(sample)), $"≤ {bar}", $"{anchor} (theory)", P99(sample) <= bar);

    private static (Sample Healthy, Sample Contacts, Sample Messages) Measure(Setting setting)
    {
        var samples = new[] { new List<double>(), [], [] };
        for (var seed = 1UL; samples[0].Count < setting.Changes; seed++)
        {
            var changes = Math.Min(ChangesPerCluster, setting.Changes);
            var mesh = new GossipMesh(seed, setting.Nodes, LinkDelay, Options, new ReplicationOptions());
            mesh.Start(writers: 1);
            mesh.Pass(Settling);
            var prng = new Prng(seed);
            Measure(mesh, prng, changes, samples[0]);
            mesh.ContactLoss = Lossy;
            Measure(mesh, prng, changes, samples[1]);
            mesh.Loss = Lossy;
            Measure(mesh, prng, changes, samples[2]);
        }

        return (new Sample(samples[0]), new Sample(samples[1]), new Sample(samples[2]));
    }

    private static void Measure(GossipMesh mesh, Prng prng, int changes, List<double> rounds)
    {
        var missing = 0;
        mesh.ContextShown = (_, _, _) => missing--;

        // The first change finds the rounds asleep; it is what wakes them.
        for (var change = 0; change <= changes; change++)
        {
            mesh.Pass(Options.RoundInterval * prng.NextDouble());
            missing = mesh.Nodes.Count;
            var started = mesh.Events.Now;
            mesh.Nodes[0].Track(shard: 0);
            while (missing > 0)
            {
                if (!mesh.Events.RunNext() || mesh.Events.Now - started > Patience)
                {
                    throw new InvalidOperationException($"after {Patience} a change was still missing on {missing} of {mesh.Nodes.Count} nodes");
                }
            }

            if (change > 0)
            {
                rounds.Add((mesh.Events.Now - started) / Options.RoundInterval);
            }
        }

        mesh.ContextShown = (_, _, _) => { };
    }

    private static double P99(Sample sample) => sample.Quantile(0.99);

    private static string Text(Sample sample) =>
        $"{Sample.Text(sample.Mean)} / {Sample.Text(sample.Quantile(0.99))} / {Sample.Text(sample.Max)}";

    private sealed record Setting(int Nodes, int Changes, double Mean, int P99, double LossyMean, int LossyP99, (int Healthy, int Lossy)? Bars);
}
