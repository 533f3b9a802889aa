using System.CommandLine;
using System.Text.Json;
using PresenceTracker.Benchmarks.Results;
using PresenceTracker.Benchmarks.Scenarios;

namespace PresenceTracker.Benchmarks.Commands;

/// <summary>Runs workloads end to end, and says which bars were met.</summary>
internal static class ScenariosCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var only = new Option<string?>("--only") { Description = "The workloads to run, such as W1,W4; all without it." };
        var json = new Option<FileInfo?>("--json") { Description = "A file for the figures." };
        var write = new Option<DirectoryInfo?>("--write") { Description = $"The folder in which to write {PerformancePage.FileName}; without --only." };
        var command = new Command("scenarios", "Prints a line for each figure, beside what else was measured in the same run; the exit code says whether all bars were met.") { only, json, write };
        command.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(only), parsed.GetValue(json), parsed.GetValue(write), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static async Task<int> RunAsync(string? only, FileInfo? json, DirectoryInfo? folder, TextWriter output, TextWriter progress)
    {
        var names = only?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (names?.FirstOrDefault(name => !ScenarioCatalog.All.Any(scenario => scenario.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) is { } unknown)
        {
            output.WriteLine($"There is no workload '{unknown}'; there are {string.Join(", ", ScenarioCatalog.All.Select(scenario => scenario.Name))}.");
            return 2;
        }

        if (names is not null && folder is not null)
        {
            output.WriteLine("--write does not go with --only: the page has every workload.");
            return 2;
        }

        List<(Scenario Scenario, IReadOnlyList<ScenarioLine> Lines)> results = [];
        foreach (var scenario in ScenarioCatalog.All.Where(scenario => names is null || names.Contains(scenario.Name)))
        {
            output.WriteLine($"{scenario.Name}: {scenario.Title}");
            var lines = await scenario.RunAsync(part => progress.WriteLine($"... {scenario.Name} {part}"));
            results.Add((scenario, lines));
            foreach (var line in lines)
            {
                output.WriteLine($"  {LineText.Of(line)}");
            }
        }

        if (folder is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, PerformancePage.FileName), PerformancePage.Text(results));
        }

        if (json is not null)
        {
            await File.WriteAllTextAsync(json.FullName, JsonSerializer.Serialize(results.SelectMany(result => result.Lines), Indented));
        }

        var bars = results.SelectMany(result => result.Lines).SelectMany(line => line.Bars).ToList();
        var missed = bars.Count(bar => !bar.IsMet);
        output.WriteLine(missed == 0 ? $"All {bars.Count} bars are met." : $"{missed} of {bars.Count} bars are not met.");
        return missed == 0 ? 0 : 1;
    }
}
