using System.CommandLine;

namespace PresenceTracker.Simulator.Commands;

/// <summary>Runs one seed again, as it always runs.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var seed = new Option<ulong>("--seed") { Description = "The seed to run.", Required = true };
        var trace = new Option<bool>("--trace") { Description = "Print a line for everything that happens." };
        var command = new Command("replay", "Runs one seed again; prints its trace's hash, which is the same each time.") { seed, trace };
        command.SetAction(parsed => Run(parsed.GetValue(seed), parsed.GetValue(trace), parsed.InvocationConfiguration.Output));
        return command;
    }

    public static int Run(ulong seed, bool isTracePrinted, TextWriter output)
    {
        var report = Simulation.Run(seed, isTraced: true, isTracePrinted ? output : null);
        output.WriteLine(report.Options);
        output.WriteLine($"trace {report.TraceHash:x16}");
        output.WriteLine(report.HasPassed ? $"passed; all listed the same {report.ConvergedAfter!.Value.TotalSeconds:f2} s after the last fault" : $"FAILED {report.Failure}");
        return report.HasPassed ? 0 : 1;
    }
}
