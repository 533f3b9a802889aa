using System.CommandLine;
using PresenceTracker.Simulator.Measurements;

namespace PresenceTracker.Simulator.Commands;

/// <summary>Measures one thing or all, and says which bars were met.</summary>
internal static class MeasureCommand
{
    private const string AllName = "all";

    public static Command Create()
    {
        var name = new Argument<string?>("name")
        {
            Description = "What to measure, or 'all'. Without it, the names are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var write = new Option<DirectoryInfo?>("--write") { Description = "With 'all': the folder in which to write EVALUATION.md and its plots." };
        var full = new Option<bool>("--full") { Description = "Takes all cases where by default some are taken, for the sake of time. May take hours." };
        var command = new Command("measure", "Prints figures beside their bars and anchors; the exit code says whether all bars were met.") { name, write, full };
        command.SetAction(parsed => Run(
            parsed.GetValue(name), parsed.GetValue(write), parsed.GetValue(full), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    /// <param name="isFull">Whether all cases are measured where by default some are.</param>
    /// <param name="output">Takes what was measured, which is the same each time.</param>
    /// <param name="progress">Takes a line for each part that is done, as it is done.</param>
    public static int Run(string? name, DirectoryInfo? folder, bool isFull, TextWriter output, TextWriter progress)
    {
        if (name is null)
        {
            return List(output);
        }

        var chosen = MeasurementCatalog.All.Where(measurement => name == AllName || measurement.Name == name).ToList();
        if (chosen.Count == 0 || (folder is not null && name != AllName))
        {
            output.WriteLine(chosen.Count == 0 ? $"There is no measurement '{name}'." : $"--write goes with '{AllName}' only: the page has every measurement.");
            List(output);
            return 1;
        }

        var reports = MeasurementRunner.Run(chosen, isFull, line => progress.WriteLine($"... {line}"));
        foreach (var (measurement, report) in chosen.Zip(reports))
        {
            Write(measurement, report, output);
        }

        if (folder is not null)
        {
            EvaluationPage.Write(folder, [.. chosen.Zip(reports)]);
            output.WriteLine($"{Path.Combine(folder.Name, EvaluationPage.FileName)} is written");
        }

        var figures = reports.SelectMany(report => report.Figures).ToList();
        var missed = figures.Count(figure => !figure.IsMet);
        output.WriteLine(missed == 0 ? $"All {figures.Count} bars are met." : $"{missed} of {figures.Count} bars are not met.");
        return missed == 0 ? 0 : 1;
    }

    private static int List(TextWriter output)
    {
        foreach (var measurement in MeasurementCatalog.All)
        {
            output.WriteLine($"{measurement.Name,-16} {measurement.Title}");
        }

        return 0;
    }

    private static void Write(Measurement measurement, MeasurementReport report, TextWriter output)
    {
        output.WriteLine($"{measurement.Name}: {measurement.Title}");
        foreach (var figure in report.Figures)
        {
            output.WriteLine($"  {figure.What}: {figure.Measured} (bar {figure.Bar}; anchor {figure.Anchor}) {figure.Verdict}");
        }

        foreach (var remark in report.Remarks)
        {
            output.WriteLine($"  {remark}");
        }
    }
}
