using System.Collections.Immutable;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What the failure detector costs when nothing happens.</summary>
internal sealed class IdleMeasurement : Measurement
{
    private const double Bar = 2.2;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(2);
    private static readonly int[] Sizes = [3, 10, 50, 128];

    public override string Name => "idle";

    public override string Title => "Messages of the failure detector when nothing happens (G18)";

    public override string Method =>
        "Membership cores with default options, all up and known to each other; every message that they send within two minutes, by node and protocol period.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        foreach (var nodes in Sizes)
        {
            var mesh = new MembershipMesh(seed: 18, nodes, SwimOptions.Lan);
            mesh.Pass(Settling);
            var before = mesh.MessagesSent;
            mesh.Pass(Watched);
            var sent = mesh.MessagesSent - before;
            var each = sent / (Watched / SwimOptions.Lan.ProtocolPeriod) / nodes;
            progress($"{nodes} nodes: {Sample.Text(each)}");
            rows.Add([$"{nodes}", $"{sent:n0}", Sample.Text(each, 3)]);
            figures.Add(new Figure($"G18: messages per node and period, {nodes} nodes", Sample.Text(each), $"≤ {Bar}", "2.0 (SWIM)", each <= Bar));
        }

        return new MeasurementReport([.. figures], [new ResultTable("Two minutes", ["nodes", "messages", "per node and period"], [.. rows])], []);
    }
}
