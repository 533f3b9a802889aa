using System.Text.RegularExpressions;
using PresenceTracker.Simulator.Measurements;
using PresenceTracker.Tests.Cluster;
using Xunit;

namespace PresenceTracker.Tests.Simulation;

/// <summary>What `measure` prints and says, with the two measurements that take least.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed class MeasureTests
{
    [Fact]
    public async Task A_measurement_prints_each_figure_beside_its_bar_and_its_anchor_and_says_that_all_are_met()
    {
        await using var measure = new SimulatorProcess("measure", "clocks");
        var printed = await measure.OutputAsync();

        Assert.Equal(0, await measure.ExitedAsync());
        Assert.Equal(4, Regex.Matches(printed, @"^  G12: .*: 0 · 40 \(bar 0 · 40; anchor .*Phoenix.*\) met$", RegexOptions.Multiline).Count);
        Assert.EndsWith("All 4 bars are met.\n", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_name_the_measurements_are_listed_and_a_wrong_name_fails()
    {
        await using var list = new SimulatorProcess("measure");
        await using var wrong = new SimulatorProcess("measure", "everything");
        var listed = (await list.OutputAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]);
        var refused = await wrong.OutputAsync();

        Assert.Equal(MeasurementCatalog.All.Select(measurement => measurement.Name), listed);
        Assert.Equal(0, await list.ExitedAsync());
        Assert.StartsWith("There is no measurement 'everything'.", refused, StringComparison.Ordinal);
        Assert.Equal(1, await wrong.ExitedAsync());
    }

    [Fact]
    public void Measurements_that_run_beside_each_other_report_what_each_reports_alone_in_the_order_asked_for()
    {
        Measurement[] asked = [new ClockMeasurement(), new PauseMeasurement(), new ClockMeasurement()];
        var lines = new List<string>();

        var reports = MeasurementRunner.Run(asked, isFull: false, lines.Add);

        Assert.Equal(asked.Select(measurement => Figures(measurement.Run(_ => { }))), reports.Select(Figures));
        Assert.Equal(3, lines.Count(line => line.EndsWith(": is done", StringComparison.Ordinal)));
    }

    private static string Figures(MeasurementReport report) => string.Join('\n', report.Figures);
}
