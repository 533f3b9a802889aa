using System.Diagnostics;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>A peer that takes nothing must not fill the memory of a node that goes on.</summary>
[Collection(ProcessCollection.Name)]
public sealed class BackPressureTests(ITestOutputHelper output)
{
    private const int ChangesPerSecond = 5_000;
    private const long BytesMax = 50 * 1024 * 1024;

    private static readonly string[] Topics = [.. Enumerable.Range(0, 16).Select(topic => $"room:{topic}")];

    // Long enough that the connection is given up, and the peer held for suspect and then for down.
    private static readonly TimeSpan PausedFor = TimeSpan.FromSeconds(LongTests.AreOn ? 60 : 5);

    // A process that begins to work takes memory in any case: code is compiled, and the heap takes its size.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_process_keeps_its_memory_while_another_is_stopped_and_brings_it_up_to_date_in_5_s()
    {
        await using var cluster = await ProcessCluster.StartAsync(2);
        var (writer, reader) = (cluster.Nodes[0], cluster.Nodes[1]);
        await reader.AskAsync(new NodeRequest.Subscribe(Topics));
        await writer.AskAsync(new NodeRequest.StartChurn(Topics, "user", ChangesPerSecond));
        var before = await PeakAsync(writer, WarmUp);

        reader.Pause();
        var peak = await PeakAsync(writer, PausedFor);
        var churned = await writer.AskAsync(new NodeRequest.StopChurn());
        var resumedAt = Stopwatch.GetTimestamp();
        reader.Resume();
        await cluster.EqualAsync(Topics, TimeSpan.FromSeconds(30));

        var took = Stopwatch.GetElapsedTime(resumedAt);
        Figures.Print(
            output,
            $"back-pressure: {churned.Changes / churned.Took.TotalSeconds:F0} changes/s, peer stopped for {PausedFor.TotalSeconds} s: " +
            $"working set {Megabytes(before)} MB before, at most {Megabytes(peak)} MB meanwhile; equal {took.TotalSeconds:F2} s after resuming");
        Assert.True(churned.Changes >= 0.95 * ChangesPerSecond * churned.Took.TotalSeconds, $"{churned}");
        Assert.True(peak - before <= BytesMax, $"from {Megabytes(before)} MB to {Megabytes(peak)} MB");
        Assert.True(took <= TimeSpan.FromSeconds(5), $"equal after {took}");
        Assert.Empty((await reader.AskAsync(new NodeRequest.CheckFolds())).Faults);
    }

    /// <returns>The largest working set of the process, in bytes, over that time.</returns>
    private static async Task<long> PeakAsync(NodeProcess process, TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        using var looking = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var peak = 0L;
        while (Stopwatch.GetElapsedTime(began) < time && await looking.WaitForNextTickAsync())
        {
            peak = Math.Max(peak, process.WorkingSetBytes());
        }

        return peak;
    }

    private static string Megabytes(long bytes) => $"{bytes / (1024.0 * 1024.0):F0}";
}
