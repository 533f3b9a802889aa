using System.Text;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Writes docs/EVALUATION.md and its plots.</summary>
internal static class EvaluationPage
{
    public const string FileName = "EVALUATION.md";

    private const string PlotFolder = "evaluation";

    private const string Introduction = """
        # Evaluation

        What the cores do, in figures, each beside its bar and beside an anchor: what theory, a paper or another system has for the same
        quantity. All of it is measured in the simulator, on virtual time and from fixed seeds, so that this page is the same to the byte each
        time it is written. It is written whole by this command, in some minutes on two cores, and is not edited by hand:

        ```sh
        dotnet run --project PresenceTracker.Simulator -c Release -- measure all --write docs
        ```

        `measure NAME` prints one of the sections below; `measure` lists the names. G1 to G24 are the numbers of the project's goals. Bytes are upper
        bounds of what the wire takes, without TCP and IP; a test compares them with it. A bar that is missed stays as it is: the figure is shown as
        measured, with the reason.

        ## All figures

        """;

    private static readonly string ElsewhereFile = $"{typeof(EvaluationPage).Namespace}.Elsewhere.md";

    /// <summary>What other commands have shown, as somebody has written it down.</summary>
    public static string Elsewhere { get; } = ReadElsewhere();

    public static void Write(DirectoryInfo folder, IReadOnlyList<(Measurement Measurement, MeasurementReport Report)> entries)
    {
        var figures = entries.Sum(entry => entry.Report.Figures.Length);
        var met = entries.Sum(entry => entry.Report.Figures.Count(figure => figure.IsMet));
        var page = new StringBuilder(Introduction);
        page.Append($"\n{met} of {figures} bars are met.\n\n");
        AddTable(
            page,
            ["section", "figure", "measured", "bar", "anchor", "verdict"],
            entries.SelectMany(entry => entry.Report.Figures.Select(figure => new[]
            {
                $"[{entry.Measurement.Name}](#{entry.Measurement.Name})", figure.What, figure.Measured, figure.Bar, figure.Anchor, VerdictOf(figure),
            })));
        page.Append($"\n## What other commands show\n\n{Elsewhere}");
        var plots = folder.CreateSubdirectory(PlotFolder);
        foreach (var (measurement, report) in entries)
        {
            Add(page, measurement, report);
            foreach (var plot in report.Plots)
            {
                File.WriteAllText(Path.Combine(plots.FullName, FileNameOf(plot)), SvgPlot.Write(plot));
            }
        }

        File.WriteAllText(Path.Combine(folder.FullName, FileName), page.ToString());
    }

    private static string ReadElsewhere()
    {
        using var reader = new StreamReader(typeof(EvaluationPage).Assembly.GetManifestResourceStream(ElsewhereFile)!);
        return reader.ReadToEnd();
    }

    private static void Add(StringBuilder page, Measurement measurement, MeasurementReport report)
    {
        page.Append($"\n## {measurement.Name}\n\n**{measurement.Title}.** {measurement.Method}\n");
        foreach (var table in report.Tables)
        {
            page.Append($"\n{table.Caption}:\n\n");
            AddTable(page, table.Columns, table.Rows.Select(row => row.AsEnumerable()));
        }

        foreach (var plot in report.Plots)
        {
            page.Append($"\n![{plot.Title}]({PlotFolder}/{FileNameOf(plot)})\n");
        }

        foreach (var remark in report.Remarks)
        {
            page.Append($"\n{remark}\n");
        }
    }

    private static string VerdictOf(Figure figure) => figure.IsMet ? figure.Verdict : $"**{figure.Verdict}**";

    private static string FileNameOf(Plot plot) => $"{plot.Name}.svg";

    private static void AddTable(StringBuilder page, IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        AddRow(page, columns);
        AddRow(page, columns.Select(_ => "---"));
        foreach (var row in rows)
        {
            AddRow(page, row);
        }
    }

    private static void AddRow(StringBuilder page, IEnumerable<string> cells) => page.Append($"| {string.Join(" | ", cells)} |\n");
}
