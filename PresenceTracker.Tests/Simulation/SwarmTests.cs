using System.Diagnostics;
using System.Globalization;
using PresenceTracker.Simulator.Reports;
using PresenceTracker.Tests.Cluster;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Simulation;

/// <summary>Whole clusters of the cores under faults: the first seeds of what `swarm` runs by the thousand.</summary>
[Collection(ProcessCollection.Name)]
public sealed class SwarmTests(ITestOutputHelper output)
{
    internal const int SeedsDefault = 300;

    [Fact]
    public void The_first_seeds_show_nothing_wrong_and_converge_and_hit_every_kind_of_fault()
    {
        var seeds = Environment.GetEnvironmentVariable("PRESENCE_SIMULATED_SEEDS") is { } wanted
            ? int.Parse(wanted, CultureInfo.InvariantCulture)
            : SeedsDefault;
        var watch = Stopwatch.StartNew();
        var summary = new SwarmSummary();
        var failures = new List<string>();
        for (var seed = 1; seed <= seeds; seed++)
        {
            var report = PresenceTracker.Simulator.Simulation.Run((ulong)seed);
            summary.Add(report);
            if (!report.HasPassed)
            {
                failures.Add($"{report.Options}\n{report.Failure}\n{report.ReplayLine}");
            }
        }

        Figures.Print(output, $"{seeds} simulated seeds in {watch.Elapsed.TotalSeconds:f1} s");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        Assert.Equal([], summary.Missed);
    }
}
