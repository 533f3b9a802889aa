using System.Collections.Immutable;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What one node with a bad network does to a hundred.</summary>
internal sealed class BadNodeMeasurement : Measurement
{
    private const int Nodes = 100;
    private const int Clusters = 5;
    private const double Loss = 0.8;

    // Neither a seed nor anything else that is special.
    private const int BadSlot = 50;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Faulty = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FlipInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public override string Name => "bad-nodes";

    public override string Title => "One bad node among a hundred (G10)";

    public override string Method =>
        "A hundred membership cores with default options; for five minutes one of them loses 80 % of all that it sends and receives, or hears nothing or is not "
        + "heard for 20 s of each 40 s. Five clusters each. Counted is how often a healthy node takes a healthy one, or the bad one, for dead; the "
        + "latter on average and at most over all nodes, against one time a fault (one, or eight flips).";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        Measure("80 % of its messages lost", 1, mesh => (from, to) => IsBad(from, to) && mesh.Prng.Chance(Loss));
        Measure("hears nothing for 20 s of 40 s", 8, mesh => (_, to) => to == BadSlot && IsOff(mesh));
        Measure("is not heard for 20 s of 40 s", 8, mesh => (from, _) => from == BadSlot && IsOff(mesh));
        return new MeasurementReport(
            [.. figures],
            [
                new ResultTable(
                    "Down at healthy nodes in five minutes",
                    ["the bad node", "healthy nodes down", "the bad node down, per observer: mean / most", "by the bad node: healthy nodes down, per cluster", "all up again after the end, most"],
                    [.. rows]),
            ],
            []);

        void Measure(string name, int faults, Func<MembershipMesh, Func<int, int, bool>> isLost)
        {
            var (healthy, bad, byBad, back) = MeasureAll(isLost);
            progress(name);
            rows.Add([name, $"{healthy}", $"{Sample.Text(bad.Mean)} / {bad.Max:f0}", Sample.Text((double)byBad / Clusters, 1), $"{Sample.Text(back)} s"]);
            figures.Add(new Figure(
                $"G10: {name}: healthy nodes down · bad one down, most per observer", $"{healthy} · {bad.Max:f0}", $"0 · ≤ {faults}",
                "memberlist oscillates, Akka removes healthy nodes (Rapid paper)", healthy == 0 && bad.Max <= faults));
        }
    }

    private static bool IsBad(int from, int to) => from == BadSlot || to == BadSlot;

    private static bool IsOff(MembershipMesh mesh) => (mesh.Events.Now.Ticks / FlipInterval.Ticks) % 2 == 1;

    private static (int Healthy, Sample Bad, int ByBad, double Back) MeasureAll(Func<MembershipMesh, Func<int, int, bool>> isLost)
    {
        var healthy = 0;
        var byBad = 0;
        var bad = new List<double>();
        var back = 0.0;
        for (var seed = 1UL; seed <= Clusters; seed++)
        {
            var mesh = new MembershipMesh(seed, Nodes, SwimOptions.Lan);
            mesh.Pass(Settling);
            var downs = new double[Nodes];
            mesh.Decided = (observer, effect) =>
            {
                if (effect is not MembershipEffect.NodeDown(var node))
                {
                    return;
                }

                var isBad = MembershipMesh.SlotOf(node.Address) == BadSlot;
                healthy += observer.Slot != BadSlot && !isBad ? 1 : 0;
                byBad += observer.Slot == BadSlot ? 1 : 0;
                downs[observer.Slot] += isBad ? 1 : 0;
            };
            mesh.IsLost = isLost(mesh);
            mesh.Pass(Faulty);
            mesh.IsLost = (_, _) => false;
            back = Math.Max(back, mesh.PassUntil(() => mesh.IsComplete, Patience, "all are up again").TotalSeconds);
            bad.AddRange(downs.Where((_, slot) => slot != BadSlot));
        }

        return (healthy, new Sample(bad), byBad, back);
    }
}
