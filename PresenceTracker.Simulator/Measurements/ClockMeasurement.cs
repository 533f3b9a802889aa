using System.Collections.Immutable;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What a step of the wall clock does: nothing, but to the counter of a process that starts.</summary>
internal sealed class ClockMeasurement : Measurement
{
    private const int Nodes = 5;
    private const int Restarts = 40;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    private static readonly (string Name, TimeSpan Step)[] Steps =
    [
        ("an hour back", TimeSpan.FromHours(-1)), ("an hour ahead", TimeSpan.FromHours(1)),
        ("a year back", TimeSpan.FromDays(-365)), ("a year ahead", TimeSpan.FromDays(365)),
    ];

    public override string Name => "clocks";

    public override string Title => "Restarts after a step of the wall clock (G12)";

    public override string Method =>
        "Five membership cores. A running core is never told the time of day, only a monotonic time, so a step can change nothing for it; a process that starts takes the "
        + "first part of its incarnation from the wall clock. One node after the other is restarted at once, its clock set by that much, and right again at the next restart.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var figures = new List<Figure>();
        foreach (var (name, step) in Steps)
        {
            var (downs, wins) = Measure(step);
            progress(name);
            figures.Add(new Figure(
                $"G12: wall clock set {name} and right again by turns, {Restarts} restarts: other nodes down · new process up everywhere", $"{downs} · {wins}", $"0 · {Restarts}",
                "all nodes down at +30 s (Phoenix)", downs == 0 && wins == Restarts));
        }

        return new MeasurementReport([.. figures], ImmutableArray<ResultTable>.Empty, []);
    }

    private static (int Downs, int Wins) Measure(TimeSpan step)
    {
        var mesh = new MembershipMesh(seed: 12, Nodes, SwimOptions.Lan);
        mesh.Pass(Settling);
        var downs = 0;
        var wins = 0;
        for (var i = 0; i < Restarts; i++)
        {
            var slot = i / 2 % Nodes;
            mesh.Decided = (_, effect) => downs += effect is MembershipEffect.NodeDown(var node) && MembershipMesh.SlotOf(node.Address) != slot ? 1 : 0;
            mesh.Restart(slot, i % 2 == 0 ? step : TimeSpan.Zero);
            mesh.Pass(Settling);
            var self = mesh.Nodes[slot].Core.Self.Node;
            wins += mesh.Nodes.All(node => node.Slot == slot
                || node.Core.Members.Any(member => member.Node == self && member.State == MemberState.Up)) ? 1 : 0;
        }

        return (downs, wins);
    }
}
