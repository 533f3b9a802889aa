using System.CommandLine;
using System.Diagnostics;
using PresenceTracker.Simulator.Reports;

namespace PresenceTracker.Simulator.Commands;

/// <summary>Runs many seeds, and says which failed and what was hit.</summary>
internal static class SwarmCommand
{
    private const int ProgressLines = 20;

    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { Description = "How many seeds to run.", Required = true };
        var from = new Option<ulong>("--from") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
        var command = new Command("swarm", "Runs many seeds; the exit code says whether all passed and, from 300 seeds on, every kind of fault was hit.") { seeds, from };
        command.SetAction(parsed => Run(parsed.GetValue(from), parsed.GetValue(seeds), parsed.InvocationConfiguration.Output));
        return command;
    }

    public static int Run(ulong from, int count, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        var summary = new SwarmSummary();
        for (var i = 0; i < count; i++)
        {
            var report = Simulation.Run(from + (ulong)i);
            summary.Add(report);
            if (!report.HasPassed)
            {
                output.WriteLine($"FAILED {report.Options}");
                output.WriteLine($"  {report.Failure}");
                output.WriteLine($"  {report.ReplayLine}");
            }

            if ((i + 1) % Math.Max(1, count / ProgressLines) == 0)
            {
                output.WriteLine($"{i + 1} of {count} seeds, {summary.Failed} failed, {watch.Elapsed.TotalSeconds:f0} s");
            }
        }

        summary.Write(output, watch.Elapsed);
        return summary.HasPassed ? 0 : 1;
    }
}
