using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PresenceTracker.Simulator.Measurements;
using Xunit;

namespace PresenceTracker.Tests.Simulation;

/// <summary>The page that `measure all --write docs` writes.</summary>
public sealed class EvaluationPageTests : IDisposable
{
    private static readonly Figure Missed = new("G0: the missed one", "7", "≤ 5", "6 (somebody)", IsMet: false) { WhyMissed = "it is late." };

    private static readonly Plot TwoLines = new(
        "two-lines", "Rounds < nodes", new PlotAxis("nodes", IsLogarithmic: true), new PlotAxis("rounds", IsLogarithmic: false),
        [
            new PlotLine("measured", 0, IsAnchor: false, [(3, 1.1), (50, 3.2), (1_000, 4.1)]),
            new PlotLine("theory", 1, IsAnchor: true, [(3, 2), (1_000, 7)]),
        ]);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evaluation");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Every_figure_has_a_row_with_its_bar_its_anchor_and_its_verdict()
    {
        var clocks = new ClockMeasurement();
        var report = clocks.Run(_ => { });

        var page = Write((clocks, report));

        Assert.Contains($"\n{report.Figures.Length} of {report.Figures.Length} bars are met.\n", page, StringComparison.Ordinal);
        Assert.NotEmpty(report.Figures);
        Assert.All(report.Figures, figure => Assert.Contains(
            $"| [clocks](#clocks) | {figure.What} | {figure.Measured} | {figure.Bar} | {figure.Anchor} | met |\n", page, StringComparison.Ordinal));
        Assert.Contains("\n## clocks\n", page, StringComparison.Ordinal);
        Assert.Equal(page, Write((clocks, clocks.Run(_ => { }))));
    }

    [Fact]
    public void What_is_missed_stands_out_with_its_reason()
    {
        var page = Write((new ClockMeasurement(), new MeasurementReport([Missed], [], [])));

        Assert.Contains("| G0: the missed one | 7 | ≤ 5 | 6 (somebody) | **MISSED: it is late.** |\n", page, StringComparison.Ordinal);
        Assert.Contains("\n0 of 1 bars are met.\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_table_has_as_many_cells_in_each_row_as_in_its_head()
    {
        var table = new ResultTable("Three rows", ["one", "two"], [["1", "2"], ["3", "4"]]);
        var page = Write((new ClockMeasurement(), new MeasurementReport([Missed], [table], [])));
        var tables = Regex.Matches(page, @"(?:^\|.*\|\n)+", RegexOptions.Multiline).Select(match => match.Value.TrimEnd('\n').Split('\n')).ToList();

        Assert.Equal(3, tables.Count);
        Assert.All(tables, rows => Assert.Single(rows.Select(row => row.Count(letter => letter == '|')).Distinct()));
        Assert.Contains("| 3 | 4 |\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plot_is_linked_and_is_well_formed_with_its_title_both_axes_and_a_legend_that_names_each_line()
    {
        var page = Write((new ClockMeasurement(), new MeasurementReport([], [], [TwoLines])));
        var link = Regex.Match(page, @"!\[Rounds < nodes\]\((.*)\)").Groups[1].Value;

        var svg = XDocument.Load(Path.Combine(_folder.FullName, link));
        var texts = svg.Descendants().Where(element => element.Name.LocalName == "text").ToList();

        string[] expected = ["Rounds < nodes", "nodes", "rounds", "measured", "theory"];
        Assert.Equal([], expected.Except(texts.Select(text => text.Value)));
        Assert.All(texts, text => Assert.InRange(double.Parse(text.Attribute("x")!.Value, CultureInfo.InvariantCulture), 0, 720));
        Assert.All(texts, text => Assert.InRange(double.Parse(text.Attribute("y")!.Value, CultureInfo.InvariantCulture), 0, 420));
        Assert.Equal(3, svg.Descendants().Count(element => element.Name.LocalName == "circle"));
    }

    [Fact]
    public void What_other_commands_show_is_in_it_as_it_was_written_down() =>
        Assert.Contains($"\n\n{EvaluationPage.Elsewhere}\n## clocks\n", Write((new ClockMeasurement(), new MeasurementReport([], [], []))), StringComparison.Ordinal);

    private string Write(params (Measurement Measurement, MeasurementReport Report)[] entries)
    {
        EvaluationPage.Write(_folder, entries);
        return File.ReadAllText(Path.Combine(_folder.FullName, EvaluationPage.FileName));
    }
}
