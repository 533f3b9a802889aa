using System.Globalization;

namespace PresenceTracker.Benchmarks.Results;

/// <summary>Writes a figure as one line.</summary>
internal static class LineText
{
    public static string Of(ScenarioLine line)
    {
        var values = line.Peers.Select(peer => $"{peer.Name} {Number(peer.Value)}{line.Unit} ({Number(line.Ours / peer.Value)} x)").Prepend($"ours {Number(line.Ours)}{line.Unit}");
        return $"{line.What}: {string.Join("; ", values)}{(line.Bars.IsEmpty ? "" : " | ")}{string.Join("; ", line.Bars.Select(Of))}";
    }

    public static string Of(Bar bar) =>
        $"{Number(bar.Measured)} {bar.What} (bar {(bar.IsLowest ? "≥" : "≤")} {Number(bar.Limit)}): {(bar.IsMet ? "met" : "missed")}";

    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 1_000 => value.ToString("n0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("f1", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };
}
