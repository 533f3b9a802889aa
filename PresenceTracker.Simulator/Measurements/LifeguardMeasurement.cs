using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>The experiments of the Lifeguard paper: some of 128 nodes are blocked in lock-step, again and again.</summary>
internal sealed class LifeguardMeasurement : Measurement
{
    private const int Nodes = 128;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    private static readonly Grid Paper = new(
        [1, 4, 8, 12, 16, 20, 24, 28, 32], [128, 512, 2_048, 8_192, 16_384, 32_768], [1, 4, 16, 64, 256, 1_024, 4_096, 16_384], TimeSpan.FromMinutes(2));

    // The longest blocks, because shorter ones than the shortest suspicion set off nothing.
    private static readonly Grid Some = new([4, 16, 32], [32_768], [64], TimeSpan.FromMinutes(1));

    private static readonly Variant[] Variants =
    [
        new("SWIM, α = 5", new SwimOptions { SuspicionAlpha = 5, SuspicionBeta = 1, LocalHealthMax = 1 }, "100 % / 100 %"),
        new("Lifeguard, α = 5, β = 6", new SwimOptions { SuspicionAlpha = 5 }, "1.53 % / 1.89 %"),
        new("Lifeguard, α = 4, β = 6 (default)", SwimOptions.Lan, "3.2 % / 4.8 %"),
    ];

    public override string Name => "lifeguard";

    public override string Title => "False positives and latency in the experiments of the Lifeguard paper (G9)";

    public override string Method =>
        "128 membership cores. After 15 s, C of them are blocked together for D, then a gap I, and again. A false positive is a healthy node that another takes for "
        + "dead. Cut off means that the blocked neither send nor receive, but their timers go on, and what was held back goes out and comes in at the end: nothing "
        + "tells them that the fault is theirs, which is harder than in the paper, where a blocked agent sends no further probes. Stands still means that their "
        + "timers are late too, as when a process is paused, which a node notices: of that the default is asked alone, and the bar is none at all. By default C is 4, 16, 32, D 33 s, I "
        + "64 ms, for a minute; with --full all 432 cells of the paper, for two. Latency is measured as there: in the first block of 33 s, "
        + "from its begin until the first healthy node takes a blocked one for dead, and until each does. SWIM is our own, with a fixed time of suspicion and "
        + "without local health; that news has messages of its own, and that a suspect is told by whoever probes it, stays.";

    public override MeasurementReport Run(Action<string> progress) => Run(Some, progress);

    public override MeasurementReport RunInFull(Action<string> progress) => Run(Paper, progress);

    private static MeasurementReport Run(Grid grid, Action<string> progress)
    {
        var outcomes = Variants.Select(variant => Measure(variant, grid, progress)).ToList();
        var (swim, lifeguard, shipped) = (outcomes[0], outcomes[1], outcomes[2]);
        var rows = outcomes.Select(outcome => ImmutableArray.Create(
            outcome.Variant.Name, $"{outcome.CutOff.Any:n0}", Percent(outcome.CutOff.Any, swim.CutOff.Any), $"{outcome.CutOff.AtHealthy:n0}",
            Percent(outcome.CutOff.AtHealthy, swim.CutOff.AtHealthy), outcome.Variant.Paper, outcome == shipped ? $"{outcome.StandingStill.Any:n0}" : "—", Text(new Sample(outcome.First)), Text(new Sample(outcome.All))));
        return new MeasurementReport(
            [
                new Figure(
                    "G9: false positives of Lifeguard (α = 5) where nodes are cut off, of those of SWIM", Percent(lifeguard.CutOff.Any, swim.CutOff.Any), "≤ 3 %", "1.53 %",
                    lifeguard.CutOff.Any <= 0.03 * swim.CutOff.Any),
                new Figure(
                    "G9: the same at healthy nodes", Percent(lifeguard.CutOff.AtHealthy, swim.CutOff.AtHealthy), "≤ 2 %", "1.89 %",
                    lifeguard.CutOff.AtHealthy <= 0.02 * swim.CutOff.AtHealthy),
                new Figure(
                    "G9: false positives of Lifeguard (default) where nodes stand still", $"{shipped.StandingStill.Any}", "0", "—", shipped.StandingStill.Any == 0),
                LatencyFigure("median", 0.5, 1.05, "+0.1 %"),
                LatencyFigure("p99", 0.99, 1.1, "+5.5 %"),
            ],
            [
                new ResultTable(
                    "All cells together; the paper's shares are of its own SWIM; latency in s, median / p99",
                    [
                        "detector", "false positives, cut off", "of SWIM", "at healthy nodes", "of SWIM", "the paper", "false positives, standing still", "first detection",
                        "everywhere",
                    ],
                    [.. rows]),
            ],
            [
                new Plot(
                    "false-positives", "False positives, by nodes that are cut off together", new PlotAxis("nodes cut off, of 128", IsLogarithmic: false),
                    new PlotAxis("false positives (one more, for the axis)", IsLogarithmic: true),
                    [
                        .. outcomes.Select((outcome, i) => new PlotLine(
                            outcome.Variant.Name, i, IsAnchor: false, [.. outcome.ByConcurrency.Select(point => ((double)point.Key, point.Value + 1.0))])),
                    ]),
            ]);

        Figure LatencyFigure(string name, double share, double most, string anchor)
        {
            var ratio = new Sample(lifeguard.First).Quantile(share) / new Sample(swim.First).Quantile(share);
            return new Figure(
                $"G9: first detection of Lifeguard (α = 5) against SWIM, {name}", $"{(ratio - 1) * 100:+0.0;-0.0} %", $"≤ +{(most - 1) * 100:f0} %", anchor, ratio <= most);
        }
    }

    private static Outcome Measure(Variant variant, Grid grid, Action<string> progress)
    {
        var outcome = new Outcome(variant);
        foreach (var concurrency in grid.Concurrencies)
        {
            var before = outcome.CutOff.Any;
            foreach (var (duration, gap) in grid.Durations.SelectMany(duration => grid.Gaps.Select(gap => (duration, gap))))
            {
                var cell = new Cell(concurrency, TimeSpan.FromMilliseconds(duration), TimeSpan.FromMilliseconds(gap));
                var (count, times) = Experiment(variant.Swim, cell, grid.Lasts, node => node.Block());
                outcome.CutOff += count;
                if (variant == Variants[^1])
                {
                    outcome.StandingStill += Experiment(variant.Swim, cell, grid.Lasts, node => node.Pause()).Count;
                }

                if (duration == grid.Durations[^1])
                {
                    outcome.First.AddRange(times.Select(seen => seen[0]));
                    outcome.All.AddRange(times.Where(seen => seen.Count == Nodes - concurrency).Select(seen => seen[^1]));
                }
            }

            outcome.ByConcurrency[concurrency] = outcome.CutOff.Any - before;
            progress($"{variant.Name}: {concurrency} nodes blocked: {outcome.ByConcurrency[concurrency]} false positives where they are cut off");
        }

        return outcome;
    }

    /// <returns>The false positives, and of each node that was blocked when each healthy one took it for dead in the first block.</returns>
    private static (Count Count, List<List<double>> Times) Experiment(SwimOptions swim, Cell cell, TimeSpan lasts, Action<MembershipMeshNode> block)
    {
        var mesh = new MembershipMesh(cell.Seed, Nodes, swim);
        mesh.Pass(Settling);
        var blocked = mesh.Prng.Pick(mesh.Nodes, cell.Concurrency);
        var slots = new SortedSet<int>(blocked.Select(node => node.Slot));
        var times = new SortedDictionary<NodeId, List<double>>();
        var count = new Count(0, 0);
        var begin = mesh.Events.Now;
        mesh.Decided = (observer, effect) =>
        {
            if (effect is not MembershipEffect.NodeDown(var node))
            {
                return;
            }

            if (!slots.Contains(MembershipMesh.SlotOf(node.Address)))
            {
                count += new Count(1, slots.Contains(observer.Slot) ? 0 : 1);
            }
            else if (mesh.Events.Now - begin <= cell.Duration && !slots.Contains(observer.Slot))
            {
                times.TryAdd(node, []);
                times[node].Add((mesh.Events.Now - begin).TotalSeconds);
            }
        };
        while (mesh.Events.Now < begin + lasts)
        {
            blocked.ForEach(block);
            mesh.Pass(cell.Duration);
            blocked.ForEach(node => node.Resume());
            mesh.Pass(cell.Gap);
        }

        return (count, [.. times.Values]);
    }

    private static string Percent(int part, int whole) => whole == 0 ? "—" : $"{Sample.Text(100.0 * part / whole)} %";

    private static string Text(Sample sample) => $"{Sample.Text(sample.Quantile(0.5))} / {Sample.Text(sample.Quantile(0.99))}";

    /// <param name="Any">At whichever node.</param>
    /// <param name="AtHealthy">At nodes that are never blocked.</param>
    private readonly record struct Count(int Any, int AtHealthy)
    {
        public static Count operator +(Count left, Count right) => new(left.Any + right.Any, left.AtHealthy + right.AtHealthy);
    }

    /// <param name="Lasts">Each experiment.</param>
    private sealed record Grid(ImmutableArray<int> Concurrencies, ImmutableArray<int> Durations, ImmutableArray<int> Gaps, TimeSpan Lasts);

    private sealed record Cell(int Concurrency, TimeSpan Duration, TimeSpan Gap)
    {
        /// <summary>Another one in each cell, and the same for every detector.</summary>
        public ulong Seed => (ulong)((Concurrency * Duration.Ticks) + Gap.Ticks);
    }

    /// <param name="Paper">False positives there, all and at healthy nodes, of those of SWIM.</param>
    private sealed record Variant(string Name, SwimOptions Swim, string Paper);

    private sealed class Outcome(Variant variant)
    {
        public Variant Variant { get; } = variant;

        /// <summary>False positives where nodes are cut off.</summary>
        public Count CutOff { get; set; }

        /// <summary>False positives where nodes stand still.</summary>
        public Count StandingStill { get; set; }

        /// <summary>Of <see cref="CutOff"/>, by the number of nodes that are.</summary>
        public SortedDictionary<int, int> ByConcurrency { get; } = [];

        /// <summary>Seconds until the first healthy node takes a blocked one for dead.</summary>
        public List<double> First { get; } = [];

        /// <summary>Seconds until every healthy node does.</summary>
        public List<double> All { get; } = [];
    }
}
