using PresenceTracker.Simulator.Reports;
using PresenceTracker.Tests.Cluster;
using Xunit;

namespace PresenceTracker.Tests.Simulation;

/// <summary>A seed is all that it takes to see a run again.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed class ReplayTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(18)]
    public async Task A_seed_leaves_the_same_trace_each_time_and_in_another_process(ulong seed)
    {
        var first = PresenceTracker.Simulator.Simulation.Run(seed, isTraced: true);
        var second = PresenceTracker.Simulator.Simulation.Run(seed, isTraced: true);
        await using var other = new SimulatorProcess("replay", "--seed", $"{seed}");
        var printed = await other.OutputAsync();

        Assert.Equal(first.TraceHash, second.TraceHash);
        Assert.Contains($"trace {first.TraceHash:x16}", printed, StringComparison.Ordinal);
        Assert.Equal(0, await other.ExitedAsync());
    }

    [Fact]
    public void Other_seeds_leave_other_traces()
    {
        var hashes = Enumerable.Range(1, 5).Select(seed => PresenceTracker.Simulator.Simulation.Run((ulong)seed, isTraced: true).TraceHash);

        Assert.Equal(5, hashes.Distinct().Count());
    }

    [Fact]
    public async Task A_swarm_shows_its_progress_and_ends_with_what_it_found()
    {
        await using var swarm = new SimulatorProcess("swarm", "--seeds", "4", "--from", "100");
        var printed = await swarm.OutputAsync();

        Assert.Equal(0, await swarm.ExitedAsync());
        Assert.Contains("2 of 4 seeds, 0 failed", printed, StringComparison.Ordinal);
        Assert.Contains("4 seeds, 0 failed", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_for_what_there_is_not_is_told_so()
    {
        await using var swarm = new SimulatorProcess("swarm", "--seeds", "many");

        Assert.Equal(1, await swarm.ExitedAsync());
    }

    [Fact]
    public void A_failure_names_the_line_that_replays_it()
    {
        var report = new RunReport(PresenceTracker.Simulator.SwarmOptions.Draw(7), "wrong", "nobody", null, TimeSpan.Zero, 0, new Marks(), 0);

        Assert.False(report.HasPassed);
        Assert.Equal("dotnet run --project PresenceTracker.Simulator -c Release -- replay --seed 7 --trace", report.ReplayLine);
    }
}
