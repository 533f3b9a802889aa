using System.Text.RegularExpressions;
using System.Xml.Linq;
using PresenceTracker.Simulator.Measurements;
using Xunit;

namespace PresenceTracker.Tests.Docs;

/// <summary>The page that is kept in the repository, as against what would be written now.</summary>
public sealed class EvaluationDocumentTests
{
    private const string Advice = "dotnet run --project PresenceTracker.Simulator -c Release -- measure all --write docs";

    private const string Simulator = "--project PresenceTracker.Simulator";
    private const string NotYet = "not yet";

    private static readonly string[] GoalsOfTheCores =
        [.. new[] { 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 30 }.Select(number => $"G{number}")];

    private static readonly List<string[]> Elsewhere = [.. EvaluationPage.Elsewhere.Split('\n')
        .Where(line => line.StartsWith("| G", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | "))];

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
    public void What_other_commands_show_is_in_it_as_it_was_written_down() =>
        Assert.True(Page.Contains($"\n\n{EvaluationPage.Elsewhere}\n", StringComparison.Ordinal), $"Elsewhere.md was edited since; write the page anew: {Advice}");

    [Fact]
    public void Every_goal_of_the_cores_is_a_figure_of_a_measurement_or_shown_by_another_command()
    {
        var shown = Regex.Matches(Page, @"^\| \[[a-z-]+\]\(#[a-z-]+\) \| (G\d+): ", RegexOptions.Multiline).Select(row => row.Groups[1].Value)
            .Concat(Elsewhere.SelectMany(row => row[0].Split(", ")));

        Assert.Equal([], GoalsOfTheCores.Except(shown));
    }

    [Fact]
    public void What_other_commands_show_has_a_command_that_exists_and_says_at_which_commit_it_was_seen()
    {
        var names = typeof(EvaluationDocumentTests).Assembly.GetTypes().Select(type => type.FullName!).ToList();
        Assert.All(Elsewhere, row =>
        {
            Assert.Equal(5, row.Length);
            var filter = Regex.Match(row[2], @"^`.*--filter (?:FullyQualifiedName~)?(\S+)`$");
            Assert.True(
                filter.Success ? names.Any(name => name.Contains(filter.Groups[1].Value, StringComparison.Ordinal)) : row[2].Contains(Simulator, StringComparison.Ordinal), row[2]);
            Assert.True(row[3] is not ("" or NotYet) ? Regex.IsMatch(row[4], "^[0-9a-f]{7,40}$") : row[3] == NotYet && row[4] == NotYet, $"{row[3]}, at {row[4]}");
        });
    }

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
