using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>The experiments of the Lifeguard paper: some of 128 nodes are blocked in lock-step, again and again.</summary>
internal sealed class LifeguardMeasurement : Measurement
{
    private const int Nodes = 128;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Experiment = TimeSpan.FromMinutes(2);
    private static readonly int[] Gaps = [64, 4_096];
    private static readonly int[] Durations = [2_048, 8_192, 32_768];
    private static readonly int[] Concurrencies = [4, 16, 32];

    private static readonly Variant[] Variants =
    [
        new("SWIM, α = 5", new SwimOptions { SuspicionAlpha = 5, SuspicionBeta = 1, LocalHealthMax = 1 }, "100 % / 100 %"),
        new("Lifeguard, α = 5, β = 6", new SwimOptions { SuspicionAlpha = 5 }, "1.53 % / 1.89 %"),
        new("Lifeguard, α = 4, β = 6 (default)", SwimOptions.Lan, "3.2 % / 4.8 %"),
    ];

    public override string Name => "lifeguard";

    public override string Title => "False positives and latency in the experiments of the Lifeguard paper (G9)";

    public override string Method =>
        "128 membership cores. After 15 s, C of them are blocked together for D: they neither send nor receive, their timers go on, and what was held back goes "
        + "out and comes in at the end; then a gap I, and again, for two minutes. A false positive is a healthy node that another takes for dead. Here C is 4, 16, 32, D is 2, 8 "
        + "and 33 s, I is 64 ms and 4 s: 18 of the paper's 432 cells, one seed each. Latency is measured as there: one block, of 33 s, C = 4, 16, 32; from its "
        + "begin until the first healthy node, and until every healthy node, takes a blocked one for dead. SWIM is our own, with a fixed time of suspicion and "
        + "without local health; that a suspect is told by whoever probes it stays.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var counts = new int[Variants.Length, 2];
        var byConcurrency = new int[Variants.Length, Concurrencies.Length];
        var first = new Sample[Variants.Length];
        var all = new Sample[Variants.Length];
        for (var variant = 0; variant < Variants.Length; variant++)
        {
            for (var c = 0; c < Concurrencies.Length; c++)
            {
                foreach (var duration in Durations)
                {
                    foreach (var gap in Gaps)
                    {
                        var (any, atHealthy) = FalsePositives(Variants[variant].Swim, Concurrencies[c], duration, gap);
                        counts[variant, 0] += any;
                        counts[variant, 1] += atHealthy;
                        byConcurrency[variant, c] += any;
                    }
                }

                progress($"{Variants[variant].Name}: {Concurrencies[c]} nodes blocked");
            }

            (first[variant], all[variant]) = Latency(Variants[variant].Swim);
        }

        return Report(counts, byConcurrency, first, all);
    }

    private static MeasurementReport Report(int[,] counts, int[,] byConcurrency, Sample[] first, Sample[] all)
    {
        var rows = Variants.Select((variant, i) => ImmutableArray.Create(
            variant.Name, $"{counts[i, 0]:n0}", Percent(counts[i, 0], counts[0, 0]), $"{counts[i, 1]:n0}", Percent(counts[i, 1], counts[0, 1]), variant.Paper,
            Text(first[i]), Text(all[i])));
        return new MeasurementReport(
            [
                new Figure("G9: false positives of Lifeguard (α = 5), of those of SWIM", Percent(counts[1, 0], counts[0, 0]), "≤ 3 %", "1.53 %", counts[1, 0] <= 0.03 * counts[0, 0]),
                new Figure("G9: the same at healthy nodes", Percent(counts[1, 1], counts[0, 1]), "≤ 2 %", "1.89 %", counts[1, 1] <= 0.02 * counts[0, 1]),
                LatencyFigure("median", 0.5, 1.05, "+0.1 %"),
                LatencyFigure("p99", 0.99, 1.1, "+5.5 %"),
            ],
            [
                new ResultTable(
                    "All cells together; the paper's shares are of its own SWIM; latency in s, median / p99",
                    ["detector", "false positives", "of SWIM", "at healthy nodes", "of SWIM", "the paper", "first detection", "everywhere"],
                    [.. rows]),
            ],
            [
                new Plot(
                    "false-positives", "False positives, by nodes that are blocked together", new PlotAxis("blocked nodes of 128", IsLogarithmic: false),
                    new PlotAxis("false positives (one more, for the axis)", IsLogarithmic: true),
                    [
                        .. Variants.Select((variant, i) => new PlotLine(variant.Name, i, IsAnchor: false, [.. Concurrencies.Select((c, j) => ((double)c, byConcurrency[i, j] + 1.0))])),
                    ]),
            ]);

        Figure LatencyFigure(string name, double share, double most, string anchor)
        {
            var ratio = first[1].Quantile(share) / first[0].Quantile(share);
            return new Figure(
                $"G9: first detection of Lifeguard (α = 5) against SWIM, {name}", $"{(ratio - 1) * 100:+0.0;-0.0} %", $"≤ +{(most - 1) * 100:f0} %", anchor, ratio <= most);
        }
    }

    /// <summary>How often a healthy node is taken for dead, by anyone and by a healthy one.</summary>
    private static (int Any, int AtHealthy) FalsePositives(SwimOptions swim, int concurrency, int durationMs, int gapMs)
    {
        var mesh = new MembershipMesh(seed: 9, Nodes, swim);
        mesh.Pass(Settling);
        var blocked = mesh.Prng.Pick(mesh.Nodes, concurrency);
        var slots = new SortedSet<int>(blocked.Select(node => node.Slot));
        var (any, atHealthy) = (0, 0);
        mesh.Decided = (observer, effect) =>
        {
            if (effect is MembershipEffect.NodeDown(var node) && !slots.Contains(MembershipMesh.SlotOf(node.Address)))
            {
                any++;
                atHealthy += slots.Contains(observer.Slot) ? 0 : 1;
            }
        };
        var end = mesh.Events.Now + Experiment;
        while (mesh.Events.Now < end)
        {
            blocked.ForEach(node => node.Block());
            mesh.Pass(TimeSpan.FromMilliseconds(durationMs));
            blocked.ForEach(node => node.Resume());
            mesh.Pass(TimeSpan.FromMilliseconds(gapMs));
        }

        return (any, atHealthy);
    }

    private static (Sample First, Sample All) Latency(SwimOptions swim)
    {
        var first = new List<double>();
        var all = new List<double>();
        for (var seed = 1UL; seed <= 2; seed++)
        {
            foreach (var concurrency in Concurrencies)
            {
                var mesh = new MembershipMesh(seed, Nodes, swim);
                mesh.Pass(Settling);
                var blocked = mesh.Prng.Pick(mesh.Nodes, concurrency);
                var slots = new SortedSet<int>(blocked.Select(node => node.Slot));
                var times = new SortedDictionary<NodeId, List<double>>();
                var begin = mesh.Events.Now;
                mesh.Decided = (observer, effect) =>
                {
                    if (effect is MembershipEffect.NodeDown(var node) && slots.Contains(MembershipMesh.SlotOf(node.Address)) && !slots.Contains(observer.Slot))
                    {
                        times.TryAdd(node, []);
                        times[node].Add((mesh.Events.Now - begin).TotalSeconds);
                    }
                };
                blocked.ForEach(node => node.Block());
                mesh.Pass(TimeSpan.FromMilliseconds(Durations[^1]));
                first.AddRange(times.Values.Select(seen => seen[0]));
                all.AddRange(times.Values.Where(seen => seen.Count == Nodes - concurrency).Select(seen => seen[^1]));
            }
        }

        return (new Sample(first), new Sample(all));
    }

    private static string Percent(int part, int whole) => whole == 0 ? "—" : $"{Sample.Text(100.0 * part / whole)} %";

    private static string Text(Sample sample) => $"{Sample.Text(sample.Quantile(0.5))} / {Sample.Text(sample.Quantile(0.99))}";

    /// <param name="Paper">False positives there, all and at healthy nodes, of those of SWIM.</param>
    private sealed record Variant(string Name, SwimOptions Swim, string Paper);
}
