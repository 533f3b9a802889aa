using System.Collections.Immutable;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What a process that stands still for a while sets off.</summary>
internal sealed class PauseMeasurement : Measurement
{
    private const int Nodes = 10;
    private const int Pauses = 100;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly int[] Lengths = [2, 8, 30];

    public override string Name => "pauses";

    public override string Title => "A process that stands still for 2, 8 and 30 s (G11)";

    public override string Method =>
        "Ten membership cores with default options. One process stands still, with its timers, and goes on; what came meanwhile is handled first, as a mailbox "
        + "does. Down means that a node hides its presences, keeps them, and shows them again without a transfer; removed means that it had to be sent "
        + "them anew. A hundred pauses each. With real processes see ThreeHostsTests.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        var rows = new List<ImmutableArray<string>>();
        foreach (var seconds in Lengths)
        {
            var (downs, others, removed, back) = Measure(TimeSpan.FromSeconds(seconds));
            progress($"{seconds} s: {downs} times down");
            rows.Add([$"{seconds} s", $"{downs}", $"{others}", $"{removed}", $"{Sample.Text(back.Quantile(0.5))} / {Sample.Text(back.Max)}"]);
            figures.Add(new Figure(
                $"G11: pauses of {seconds} s: times down on others · others down · removed", $"{downs} · {others} · {removed}",
                seconds == 2 ? "0 · 0 · 0" : "any · 0 · 0", "—", others + removed == 0 && (seconds > 2 || downs == 0)));
        }

        return new MeasurementReport(
            [.. figures],
            [
                new ResultTable(
                    "A hundred pauses each of one of ten nodes; at most 900 times down",
                    ["pause", "down on others", "others down", "removed", "all up again after its end, s: median / most"],
                    [.. rows]),
            ],
            []);
    }

    private static (int Downs, int Others, int Removed, Sample Back) Measure(TimeSpan pause)
    {
        var mesh = new MembershipMesh(seed: 11, Nodes, SwimOptions.Lan);
        mesh.Pass(Settling);
        var (downs, others, removed) = (0, 0, 0);
        var back = new List<double>();
        for (var i = 0; i < Pauses; i++)
        {
            var paused = mesh.Prng.Pick(mesh.Nodes);
            mesh.Decided = (node, effect) =>
            {
                switch (effect)
                {
                    case MembershipEffect.NodeDown(var down) when down.Address == paused.Address:
                        downs++;
                        break;
                    case MembershipEffect.NodeDown:
                        others++;
                        break;
                    case MembershipEffect.NodeRemoved:
                        removed++;
                        break;
                }
            };
            paused.Pause();
            mesh.Pass(pause);
            paused.Resume();
            back.Add(mesh.PassUntil(() => mesh.IsComplete, Patience, "all are up again").TotalSeconds);
            mesh.Pass(Settling + (Settling * mesh.Prng.NextDouble()));
        }

        return (downs, others, removed, new Sample(back));
    }
}
