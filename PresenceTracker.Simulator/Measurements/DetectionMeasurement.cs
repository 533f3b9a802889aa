using System.Collections.Immutable;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>How long after its death a node is probed, suspected and gone.</summary>
internal sealed class DetectionMeasurement : Measurement
{
    private const int KillsPerCluster = 50;

    private static readonly SwimOptions Swim = SwimOptions.Lan;

    // Each order of probes is drawn anew meanwhile.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly Setting[] Settings =
        [new(3, 300, 8, 6.5), new(10, 300, 9, 7), new(25, 200, null, null), new(50, 1_000, 12.5, 10), new(100, 100, null, null)];

    public override string Name => "detection";

    public override string Title => "How fast a dead node is noticed and gone everywhere (G6, G7)";

    public override string Method =>
        "Membership cores with default options (SWIM with Lifeguard, periods of 1 s, α = 4, β = 6), delays of 0.2 to 1 ms, no loss. A random node dies at a "
        + "random moment; the first probe of it is counted in periods, as the SWIM paper does: the first period is that in which the dead could be probed first. "
        + "Gone means that its presences are no longer shown (leave graces apart). Then it is restarted, and the next one dies.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        var lines = new List<(double Nodes, Sample Suspected, Sample Gone)>();
        foreach (var setting in Settings)
        {
            var (probed, suspected, gone) = Measure(setting);
            progress($"{setting.Nodes} nodes: gone everywhere after {Sample.Text(gone.Quantile(0.5))} s, p99 {Sample.Text(gone.Quantile(0.99))} s");
            lines.Add((setting.Nodes, suspected, gone));
            rows.Add(
            [
                $"{setting.Nodes}", $"{probed.Count:n0}", $"{Sample.Text(probed.Mean)} / {Sample.Text(probed.Quantile(0.99), 0)} / {Sample.Text(probed.Max, 0)}",
                Text(suspected), Text(gone),
            ]);
            if (setting.Nodes == 50)
            {
                var most = (2 * setting.Nodes) - 1;
                figures.Add(new Figure(
                    "G6: periods to the first probe of the dead, 50 nodes: mean · p99 · worst",
                    $"{Sample.Text(probed.Mean)} · {Sample.Text(probed.Quantile(0.99), 0)} · {Sample.Text(probed.Max, 0)}", $"≤ 1.6 · ≤ 5 · ≤ {most}", $"1.57 · 5 · {most} (SWIM)",
                    probed.Mean <= 1.6 && probed.Quantile(0.99) <= 5 && probed.Max <= most));
            }

            if (setting.Bar is { } bar)
            {
                figures.Add(new Figure(
                    $"G7: death to leaves on all of {setting.Nodes} nodes, p99", $"{Sample.Text(gone.Quantile(0.99))} s", $"≤ {bar} s",
                    $"≈ {setting.Memberlist} s (memberlist), 13.5–31.5 s (Phoenix)", gone.Quantile(0.99) <= bar));
            }
        }

        return new MeasurementReport(
            [.. figures],
            [
                new ResultTable(
                    "From the death of a node",
                    ["nodes", "deaths", "first probe, periods: mean / p99 / most", "first suspicion, s: median / p99 / most", "gone everywhere, s: median / p99 / most"],
                    [.. rows]),
            ],
            [
                new Plot(
                    "detection", "From the death of a node", new PlotAxis("nodes", IsLogarithmic: true), new PlotAxis("seconds", IsLogarithmic: false),
                    [
                        new PlotLine("gone everywhere, p99", 1, IsAnchor: false, [.. lines.Select(line => (line.Nodes, line.Gone.Quantile(0.99)))]),
                        new PlotLine("gone everywhere, median", 0, IsAnchor: false, [.. lines.Select(line => (line.Nodes, line.Gone.Quantile(0.5)))]),
                        new PlotLine("first suspicion, p99", 2, IsAnchor: false, [.. lines.Select(line => (line.Nodes, line.Suspected.Quantile(0.99)))]),
                        new PlotLine("memberlist, computed", 3, IsAnchor: true, [(3, 6.5), (10, 7), (50, 10)]),
                    ]),
            ]);
    }

    private static (Sample Probed, Sample Suspected, Sample Gone) Measure(Setting setting)
    {
        var probed = new List<double>();
        var suspected = new List<double>();
        var gone = new List<double>();
        for (var seed = 1UL; gone.Count < setting.Kills; seed++)
        {
            var mesh = new MembershipMesh(seed, setting.Nodes, Swim);
            mesh.Pass(Settling);
            for (var kill = 0; kill < Math.Min(KillsPerCluster, setting.Kills); kill++)
            {
                var slot = mesh.Prng.Next(setting.Nodes);
                var died = mesh.Events.Now;
                TimeSpan? probe = null;
                TimeSpan? suspicion = null;
                mesh.Sent = (from, to, message) => probe ??= to == slot && from.Slot != slot && message is MembershipMessage.Ping ? mesh.Events.Now - died : null;
                mesh.Decided = (_, effect) => suspicion ??= effect is MembershipEffect.NodeSuspected ? mesh.Events.Now - died : null;
                mesh.Kill(slot);
                var address = mesh.Nodes[slot].Address;
                gone.Add(mesh.PassUntil(
                    () => mesh.Nodes.All(node => node.Slot == slot || !node.Shows(address)), Patience, $"{address} is gone everywhere").TotalSeconds);
                probed.Add(Math.Ceiling(probe!.Value / Swim.ProtocolPeriod));
                suspected.Add(suspicion!.Value.TotalSeconds);
                mesh.Restart(slot);
                mesh.Pass(Settling * mesh.Prng.NextDouble());
                mesh.PassUntil(() => mesh.IsComplete, Patience, "all are up again");
            }
        }

        return (new Sample(probed), new Sample(suspected), new Sample(gone));
    }

    private static string Text(Sample sample) => $"{Sample.Text(sample.Quantile(0.5))} / {Sample.Text(sample.Quantile(0.99))} / {Sample.Text(sample.Max)}";

    /// <param name="Memberlist">Computed from its defaults.</param>
    private sealed record Setting(int Nodes, int Kills, double? Bar, double? Memberlist);
}
