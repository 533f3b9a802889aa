using System.Collections.Immutable;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What HyParView's own evaluation measured, of our core.</summary>
internal sealed class OverlayMeasurement : Measurement
{
    private const int Nodes = 10_000;
    private const int CyclesInFull = 50;
    private const int CyclesInBrief = 10;
    private const int Messages = 1_000;
    private const int HealingCyclesMax = 10;
    private const int MessagesPerCycle = 10;
    private const int HealingCyclesBar = 2;
    private const double ClusteringBar = 0.001;
    private const int HopsBar = 9;
    private const double FullBar = 0.99;

    private static readonly TimeSpan MessageInterval = TimeSpan.FromMilliseconds(100);
    private static readonly int[] Kills = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95];
    private static readonly int[] SomeKills = [50, 80, 90, 95];
    private static readonly int[] HealingInFull = [10, 20, 30, 40, 50, 60, 70, 80];
    private static readonly int[] HealingInBrief = [50, 80];
    private static readonly OverlayOptions Options = new();

    public override string Name => "overlay";

    public override string Title => "An overlay of 10,000 nodes: its graph, and what is left of it when most nodes are killed (G13, G14)";

    public override string Method =>
        "The experiment of the HyParView paper: 10,000 overlay cores with default options join one by one and shuffle for 50 cycles (before failures by default 10, for the sake of time); then a part of them is killed at one moment, and 1,000 messages from "
        + "random survivors flood the active views, before any further cycle. Reliability is the part of the survivors that a message comes to, on average over these 1,000, the first ones included: the first is "
        + "sent at the moment of the failure. As in the paper, whose nodes test their neighbours each time they pass a message on, a dead neighbour is noticed when something is sent to it, never before. Links take 1 ms, messages "
        + "are 100 ms apart, and a connection to a dead node is refused. The table has beside it what comes of it when processes are killed on machines that live on, which close their connections, so that their neighbours notice it "
        + "after 1 ms. Nobody gives a node without neighbours a contact. Healing: the same overlay anew, of which the same part is killed; after each cycle 10 messages; the first cycle after which all of them come to all survivors, as before the failure.";

    public override MeasurementReport Run(Action<string> progress) => Measure(CyclesInBrief, HealingInBrief, progress);

    public override MeasurementReport RunInFull(Action<string> progress) => Measure(CyclesInFull, HealingInFull, progress);

    private static MeasurementReport Measure(int cycles, int[] healing, Action<string> progress)
    {
        var failures = new Failure[Kills.Length];
        var closed = new Failure[SomeKills.Length];
        var healed = new Healing[healing.Length];
        Graph? graph = null;
        var works = new List<Action> { () => graph = Graph.Of(Grown(CyclesInFull)) };
        works.AddRange(Kills.Select((killed, place) => new Action(() => failures[place] = Fail(Grown(cycles), killed, isNoticed: false))));
        works.AddRange(SomeKills.Select((killed, place) => new Action(() => closed[place] = Fail(Grown(cycles), killed, isNoticed: true))));
        works.AddRange(healing.Select((killed, place) => new Action(() => healed[place] = Heal(Grown(cycles), killed))));
        Parallel.ForEach(works, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, work => work());
        progress("all overlays are done");
        return new MeasurementReport([.. failures.Select(FigureOf), .. healed.Select(FigureOf), .. FiguresOf(graph!)], [Table(failures, "the dead are noticed when something is sent to them"), Table(closed, "their connections close")], [])
        {
            Remarks = [$"Mean shortest path: {Sample.Text(graph!.MeanHops)} (paper: 6.39)."],
        };
    }

    private static Figure FigureOf(Failure failure)
    {
        var bar = failure.Killed <= 80 ? 0.999 : failure.Killed <= 90 ? 0.99 : 0.90;
        return new Figure(
            $"G13: {Nodes:n0} nodes, {failure.Killed} % killed: reliability of {Messages:n0} messages without a cycle", Percent(failure.Reliability), $"≥ {Percent(bar)}",
            failure.Killed < 95 ? "almost no visible impact (HyParView)" : "about 90 % (HyParView)", failure.Reliability >= bar)
        {
            WhyMissed = $"of the survivors, the first 10 messages came to {Percent(failure.First)} and the last 100 to {Percent(failure.Last)}.",
        };
    }

    private static Figure FigureOf(Healing healing) => new(
        $"G14: {healing.Killed} % killed: cycles until every message comes to every survivor", healing.Cycles is { } cycles ? $"{cycles}" : $"more than {HealingCyclesMax}",
        $"≤ {HealingCyclesBar}", "1 to 2 (HyParView)", healing.Cycles <= HealingCyclesBar);

    private static IEnumerable<Figure> FiguresOf(Graph graph) =>
    [
        new("G14: clustering coefficient", Sample.Text(graph.Clustering, 5), $"≤ {Sample.Text(ClusteringBar, 3)}", "0.00092 (HyParView); 0.0068 (Cyclon)", graph.Clustering <= ClusteringBar),
        new($"G14: most hops of {Messages:n0} messages", $"{graph.HopsMax}", $"≤ {HopsBar}", "9.0 (HyParView)", graph.HopsMax <= HopsBar),
        new("G14: nodes with a full active view, which is their in-degree", Percent(graph.FullShare), $"≥ {Percent(FullBar)}", "almost all have 5 (HyParView)", graph.FullShare >= FullBar),
        new("G14: links that are symmetric", Percent(graph.SymmetricShare), "100 %", "70 to 88 % (dotNext 6.12)", graph.SymmetricShare == 1),
        new("G14: nodes in one component", $"{graph.Component:n0}", $"{Nodes:n0}", "—", graph.Component == Nodes),
    ];

    private static ResultTable Table(IEnumerable<Failure> failures, string how) => new(
        $"Reliability after a mass failure, {how}",
        ["killed", $"of {Messages:n0} messages", "of the first 10", "of the last 100"],
        [
            .. failures.Select(failure => ImmutableArray.Create(
                $"{failure.Killed} %", Percent(failure.Reliability), Percent(failure.First), Percent(failure.Last))),
        ]);

    private static OverlayMesh Grown(int cycles)
    {
        var mesh = new OverlayMesh(seed: 13, Options, broadcast: null);
        mesh.Grow(Nodes, cycles);
        return mesh;
    }

    private static void Kill(OverlayMesh mesh, int percent, bool isNoticed)
    {
        mesh.GivesContacts = false;
        foreach (var node in mesh.Prng.Pick(mesh.Nodes, Nodes * percent / 100))
        {
            node.IsAlive = false;
        }

        foreach (var node in isNoticed ? mesh.Living : [])
        {
            foreach (var lost in node.Overlay.ActiveView.Where(peer => mesh.Find(peer) is not { IsAlive: true }))
            {
                mesh.After(mesh.Delay, () => node.Give(new OverlayInput.PeerLost(lost)));
            }
        }

        // For those who look whether a link has changed.
        mesh.LinkChanges++;
    }

    private static Failure Fail(OverlayMesh mesh, int percent, bool isNoticed)
    {
        mesh.HoldsCycles = true;
        Kill(mesh, percent, isNoticed);
        var survivors = mesh.Living.ToList();
        var flood = new OverlayFlood(mesh);
        var reliabilities = new double[Messages];
        for (var message = 0; message < Messages; message++)
        {
            flood.Run(mesh.Prng.Pick(survivors));
            reliabilities[message] = flood.Reliability;
            flood.TellOfBrokenLinks();
            mesh.Pass(MessageInterval);
        }

        return new Failure(percent, reliabilities.Average(), reliabilities[..10].Average(), reliabilities[^100..].Average());
    }

    private static Healing Heal(OverlayMesh mesh, int percent)
    {
        Kill(mesh, percent, isNoticed: false);
        var survivors = mesh.Living.ToList();
        var flood = new OverlayFlood(mesh);
        for (var cycle = 1; cycle <= HealingCyclesMax; cycle++)
        {
            mesh.PassCycles(1);
            var isWhole = true;
            for (var message = 0; message < MessagesPerCycle; message++)
            {
                flood.Run(mesh.Prng.Pick(survivors));
                isWhole &= flood.Reached == survivors.Count;
                flood.TellOfBrokenLinks();
            }

            if (isWhole) return new Healing(percent, cycle);
        }

        return new Healing(percent, null);
    }

    private static string Percent(double share) => $"{Sample.Text(share * 100)} %";

    private sealed record Failure(int Killed, double Reliability, double First, double Last);

    private sealed record Healing(int Killed, int? Cycles);

    private sealed record Graph(double Clustering, int HopsMax, double MeanHops, double FullShare, double SymmetricShare, int Component)
    {
        public static Graph Of(OverlayMesh mesh)
        {
            var flood = new OverlayFlood(mesh);
            flood.ReadLinks();
            var links = flood.Links;
            var all = links.Sum(each => each.Length);
            var symmetric = links.Select((each, slot) => each.Count(to => links[to].Contains(slot))).Sum();
            var (hopsMax, hopsSum, reached) = (0, 0L, Nodes);
            for (var message = 0; message < Messages; message++)
            {
                flood.Run(mesh.Prng.Pick(mesh.Nodes));
                hopsMax = Math.Max(hopsMax, flood.HopsMax);
                hopsSum += flood.HopsSum;
                reached = Math.Min(reached, flood.Reached);
            }

            return new Graph(
                links.Average(each => ClusteringOf(each, links)), hopsMax, (double)hopsSum / Messages / (Nodes - 1), (double)links.Count(each => each.Length == Options.ActiveMax) / Nodes,
                (double)symmetric / all, reached);
        }

        // The part of all pairs of neighbours that are neighbours of each other.
        private static double ClusteringOf(int[] neighbors, IReadOnlyList<int[]> links)
        {
            var pairs = neighbors.Length * (neighbors.Length - 1);
            return pairs == 0 ? 0 : (double)neighbors.Sum(one => links[one].Count(neighbors.Contains)) / pairs;
        }
    }
}
