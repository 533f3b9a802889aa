using System.Collections.Immutable;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>How long after its death a node is probed, suspected and gone, and where that time goes.</summary>
internal sealed class DetectionMeasurement : Measurement
{
    private const int DeathsPerCluster = 50;

    private static readonly SwimOptions Swim = SwimOptions.Lan;

    // Each order of probes is drawn anew meanwhile.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly Setting[] Settings =
    [
        new(3, 300, 8, 6.5), new(10, 300, 9, 7), new(50, 100, 12, 10), new(100, 20, null, null),
        new(3, 300, null, null, IsSilent: true), new(10, 400, null, null, IsSilent: true), new(50, 1_000, null, null, IsSilent: true),
        new(100, 30, null, null, IsSilent: true),
    ];

    public override string Name => "detection";

    public override string Title => "How fast a dead node is noticed and gone everywhere (G6, G7)";

    public override string Method =>
        "Membership cores with default options (SWIM with Lifeguard, periods of 1 s, α = 4, β = 6), delays of 0.2 to 1 ms, no loss. A random node dies at a "
        + "random moment. Killed means that its machine closes its connections and refuses others, as after kill −9; silent that nothing answers any more, as when "
        + "the machine is lost. The first probe of the dead is counted in periods, as the SWIM paper does: the first period is that in which the dead could be "
        + "probed first. A suspicion has its confirmations when so many nodes say that their own probe failed that it lasts as short as it may. Gone means that its "
        + "presences are no longer shown (leave graces apart). Then it is restarted, and the next one dies.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        var lines = new List<(Setting Setting, Sample Gone)>();
        foreach (var setting in Settings)
        {
            var deaths = Measure(setting);
            var gone = Of(deaths, death => death.GoneEverywhere);
            lines.Add((setting, gone));
            progress($"{setting.Nodes} nodes, {setting.Kind}: gone everywhere after {Sample.Text(gone.Quantile(0.5))} s, p99 {Sample.Text(gone.Quantile(0.99))} s");
            rows.Add(
            [
                $"{setting.Nodes}, {setting.Kind}", $"{deaths.Count:n0}", Text(Of(deaths, death => death.Probed)), Text(Of(deaths, death => death.Suspected)),
                Text(Of(deaths, death => death.SuspectedEverywhere)), Text(Of(deaths, death => death.Confirmed)), Text(Of(deaths, death => death.Gone)), Text(gone),
            ]);
            if (setting is { Nodes: 50, IsSilent: true })
            {
                figures.Add(FirstDetection(setting.Nodes, deaths));
            }

            if (setting.Bar is { } bar)
            {
                figures.Add(new Figure(
                    $"G7: one of {setting.Nodes} nodes {setting.Kind}, to leaves on all others, p99", $"{Sample.Text(gone.Quantile(0.99))} s", $"≤ {bar} s",
                    $"≈ {setting.Memberlist} s (memberlist), 13.5–31.5 s (Phoenix)", gone.Quantile(0.99) <= bar));
            }
            else if (setting.IsSilent)
            {
                // SWIM: first probed within 4 periods of three nodes and 5 of more, in 99 of 100 cases; suspected at the end of that one.
                var most = (Swim.ProtocolPeriod * ((setting.Nodes == 3 ? 4 : 5) + 1)) + Swim.SuspicionMin(setting.Nodes);
                figures.Add(new Figure(
                    $"one of {setting.Nodes} nodes silent, to leaves on all others, p99", $"{Sample.Text(gone.Quantile(0.99))} s",
                    $"≤ {Sample.Text(most.TotalSeconds)} s", "first probe within 4 or 5 periods (SWIM), suspicion, its shortest time", gone.Quantile(0.99) <= most.TotalSeconds));
            }
        }

        return new MeasurementReport(
            [.. figures],
            [
                new ResultTable(
                    "Seconds from the death of a node: median / p99 / most",
                    ["nodes", "deaths", "first probe", "first suspicion", "suspected by all", "confirmed", "first gone", "gone everywhere"],
                    [.. rows]),
            ],
            [
                new Plot(
                    "detection", "From the death of a node until it is gone everywhere", new PlotAxis("nodes", IsLogarithmic: true), new PlotAxis("seconds", IsLogarithmic: false),
                    [
                        Line("killed, p99", 1, isSilent: false, 0.99), Line("killed, median", 0, isSilent: false, 0.5), Line("silent, p99", 2, isSilent: true, 0.99),
                        new PlotLine("memberlist, computed", 3, IsAnchor: true, [(3, 6.5), (10, 7), (50, 10)]),
                    ]),
            ]);

        PlotLine Line(string name, int colour, bool isSilent, double share) => new(
            name, colour, IsAnchor: false,
            [.. lines.Where(line => line.Setting.IsSilent == isSilent).Select(line => ((double)line.Setting.Nodes, line.Gone.Quantile(share)))]);
    }

    private static Figure FirstDetection(int nodes, List<Death> deaths)
    {
        var most = (2 * nodes) - 1;
        var probed = new Sample(deaths.Select(death => Math.Ceiling(death.Probed / Swim.ProtocolPeriod)));
        var suspected = new Sample(deaths.Select(death => death.Suspected / Swim.ProtocolPeriod));
        return new Figure(
            $"G6: periods to the first probe of the dead, {nodes} nodes: mean · p99 · worst; to the first suspicion",
            $"{Sample.Text(probed.Mean)} · {Sample.Text(probed.Quantile(0.99), 0)} · {Sample.Text(probed.Max, 0)}; {Sample.Text(suspected.Mean)} · {Sample.Text(suspected.Quantile(0.99))} · {Sample.Text(suspected.Max)}",
            $"≤ 1.6 · ≤ 5 · ≤ {most}", $"1.57 · 5 · {most} (SWIM)", probed.Mean <= 1.6 && probed.Quantile(0.99) <= 5 && probed.Max <= most);
    }

    private static List<Death> Measure(Setting setting)
    {
        var deaths = new List<Death>();
        for (var seed = 1UL; deaths.Count < setting.Deaths; seed++)
        {
            var mesh = new MembershipMesh(seed, setting.Nodes, Swim);
            mesh.Pass(Settling);
            for (var i = 0; i < DeathsPerCluster && deaths.Count < setting.Deaths; i++)
            {
                var slot = mesh.Prng.Next(setting.Nodes);
                deaths.Add(Watch(mesh, slot, setting));
                mesh.Restart(slot);
                mesh.Pass(Settling * mesh.Prng.NextDouble());
                mesh.PassUntil(() => mesh.IsComplete, Patience, "all are up again");
            }
        }

        return deaths;
    }

    private static Death Watch(MembershipMesh mesh, int slot, Setting setting)
    {
        var died = mesh.Events.Now;
        var dead = mesh.Nodes[slot].Core.Self.Node;
        var enough = Swim.ConfirmationsMax(setting.Nodes) + 1;
        var accusers = new SortedSet<string>(StringComparer.Ordinal);
        var suspecting = 0;
        TimeSpan? probed = null;
        TimeSpan? suspected = null;
        TimeSpan? suspectedEverywhere = null;
        TimeSpan? confirmed = null;
        TimeSpan? gone = null;
        mesh.Sent = (from, to, message) =>
        {
            var passed = mesh.Events.Now - died;
            if (to == slot && from.Slot != slot && message is MembershipMessage.Ping)
            {
                probed ??= passed;
            }

            if (UpdatesIn(message).Any(update => update.Node == dead && update.Accuser == from.Address) && accusers.Add(from.Address) && accusers.Count == enough)
            {
                confirmed = passed;
            }
        };
        mesh.Decided = (_, effect) =>
        {
            var passed = mesh.Events.Now - died;
            if (effect is MembershipEffect.NodeSuspected(var doubted) && doubted == dead)
            {
                suspected ??= passed;
                if (++suspecting == setting.Nodes - 1)
                {
                    suspectedEverywhere = passed;
                }
            }
            else if (effect is MembershipEffect.NodeDown(var down) && down == dead)
            {
                gone ??= passed;
            }
        };
        if (setting.IsSilent)
        {
            mesh.Silence(slot);
        }
        else
        {
            mesh.Kill(slot);
        }

        var everywhere = mesh.PassUntil(
            () => mesh.Nodes.All(node => node.Slot == slot || !node.Shows(dead.Address)), Patience, $"{dead.Address} is gone everywhere");
        return new Death(probed!.Value, suspected!.Value, suspectedEverywhere ?? everywhere, confirmed ?? everywhere, gone!.Value, everywhere);
    }

    private static ImmutableArray<MemberUpdate> UpdatesIn(MembershipMessage message) => message switch
    {
        MembershipMessage.Ping ping => ping.Updates,
        MembershipMessage.Ack ack => ack.Updates,
        MembershipMessage.Announcement announcement => announcement.Updates,
        _ => [],
    };

    private static Sample Of(List<Death> deaths, Func<Death, TimeSpan> time) => new(deaths.Select(death => time(death).TotalSeconds));

    private static string Text(Sample sample) => $"{Sample.Text(sample.Quantile(0.5))} / {Sample.Text(sample.Quantile(0.99))} / {Sample.Text(sample.Max)}";

    /// <summary>Times since a node died, everywhere at the latest when it was gone everywhere.</summary>
    private sealed record Death(
        TimeSpan Probed, TimeSpan Suspected, TimeSpan SuspectedEverywhere, TimeSpan Confirmed, TimeSpan Gone, TimeSpan GoneEverywhere);

    /// <param name="Bar">For the 99th percentile.</param>
    /// <param name="Memberlist">Computed from its defaults.</param>
    private sealed record Setting(int Nodes, int Deaths, double? Bar, double? Memberlist, bool IsSilent = false)
    {
        public string Kind => IsSilent ? "silent" : "killed";
    }
}
