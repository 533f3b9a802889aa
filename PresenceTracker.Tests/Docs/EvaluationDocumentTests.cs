using System.Text.RegularExpressions;
using System.Xml.Linq;
using PresenceTracker.Simulator.Measurements;
using Xunit;

namespace PresenceTracker.Tests.Docs;

/// <summary>The page that is kept in the repository, as against what would be written now.</summary>
public sealed class EvaluationDocumentTests
{
    private const string Advice = "dotnet run --project PresenceTracker.Simulator -c Release -- measure all --write docs";

    private static readonly string Page = Repository.Read("docs", EvaluationPage.FileName);

    [Fact]
    public void It_has_a_section_for_each_measurement_with_its_title_and_its_method()
    {
        var missing = MeasurementCatalog.All
            .Where(measurement => !Page.Contains($"\n## {measurement.Name}\n\n**{measurement.Title}.** {measurement.Method}\n", StringComparison.Ordinal))
            .Select(measurement => measurement.Name).ToList();

        Assert.True(missing.Count == 0, $"{string.Join(", ", missing)}: no section, or an old one; write the page anew: {Advice}");
    }

    [Fact]
    public void It_has_a_row_for_each_figure_of_a_quick_measurement_as_it_is_now() =>
        Assert.All(new ClockMeasurement().Run(_ => { }).Figures, figure => Assert.True(
            Page.Contains($"| {figure.What} | {figure.Measured} | {figure.Bar} | {figure.Anchor} | {figure.Verdict} |", StringComparison.Ordinal),
            $"{figure} has no row; write the page anew: {Advice}"));

    [Fact]
    public void It_links_every_plot_that_there_is_and_each_is_well_formed()
    {
        var folder = Path.Combine(Repository.Root, "docs");
        var linked = Regex.Matches(Page, @"!\[[^\]]+\]\(([^)]+\.svg)\)").Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal).ToList();
        var kept = Directory.EnumerateFiles(Path.Combine(folder, "evaluation")).Select(path => $"evaluation/{Path.GetFileName(path)}").Order(StringComparer.Ordinal);

        Assert.Equal(kept, linked);
        Assert.NotEmpty(linked);
        Assert.All(linked, path => Assert.Equal("svg", XDocument.Load(Path.Combine(folder, path)).Root!.Name.LocalName));
    }
}
