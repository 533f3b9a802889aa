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
        var command = new Command("measure", "Prints figures beside their bars and anchors; the exit code says whether all bars were met.") { name, write };
        command.SetAction(parsed => Run(parsed.GetValue(name), parsed.GetValue(write), parsed.InvocationConfiguration.Output));
        return command;
    }

    public static int Run(string? name, DirectoryInfo? folder, TextWriter output)
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

        var reports = chosen.Select(measurement => (measurement, Run(measurement, output))).ToList();
        if (folder is not null)
        {
            EvaluationPage.Write(folder, reports);
            output.WriteLine($"{Path.Combine(folder.Name, EvaluationPage.FileName)} is written");
        }

        var missed = reports.Sum(report => report.Item2.Figures.Count(figure => !figure.IsMet));
        output.WriteLine(missed == 0 ? "All bars are met." : $"{missed} bars are not met.");
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

    private static MeasurementReport Run(Measurement measurement, TextWriter output)
    {
        output.WriteLine($"{measurement.Name}: {measurement.Title}");
        var report = measurement.Run(line => output.WriteLine($"  ... {line}"));
        foreach (var figure in report.Figures)
        {
            output.WriteLine($"  {(figure.IsMet ? "met   " : "MISSED")} {figure.What}: {figure.Measured} (bar {figure.Bar}; anchor {figure.Anchor})");
        }

        foreach (var remark in report.Remarks)
        {
            output.WriteLine($"  {remark}");
        }

        return report;
    }
}
