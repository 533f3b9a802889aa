using System.Text;
using PresenceTracker.Benchmarks.Scenarios;

namespace PresenceTracker.Benchmarks.Results;

/// <summary>Writes what was measured as a page for readers.</summary>
internal static class PerformancePage
{
    public const string FileName = "PERFORMANCE.md";

    public static string Text(IReadOnlyList<(Scenario Scenario, IReadOnlyList<ScenarioLine> Lines)> results)
    {
        var page = new StringBuilder();
        page.AppendLine("# Performance");
        page.AppendLine();
        page.AppendLine("What the tracker costs, beside the floor (bare tables in one process, without an order, diffs or other nodes) and what one would use in its place,");
        page.AppendLine("all measured in one run on one machine. Ratios hold elsewhere; absolute figures do not. Written by");
        page.AppendLine("`dotnet run -c Release --project PresenceTracker.Benchmarks -- scenarios --write docs`; do not edit.");
        foreach (var (scenario, lines) in results)
        {
            page.AppendLine();
            page.AppendLine($"## {scenario.Name}: {scenario.Title}");
            page.AppendLine();
            page.AppendLine(scenario.Method);
            page.AppendLine();
            page.AppendLine("| what | ours | others | bars |");
            page.AppendLine("|---|---|---|---|");
            foreach (var line in lines)
            {
                page.AppendLine(
                    $"| {line.What} | {LineText.Number(line.Ours)}{line.Unit} | {string.Join("<br>", line.Peers.Select(peer => $"{peer.Name} {LineText.Number(peer.Value)}{line.Unit}"))} "
                    + $"| {string.Join("<br>", line.Bars.Select(LineText.Of))} |");
            }
        }

        return page.ToString().ReplaceLineEndings("\n");
    }
}
