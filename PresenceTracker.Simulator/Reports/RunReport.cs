namespace PresenceTracker.Simulator.Reports;

/// <summary>What came of one run.</summary>
/// <param name="Failure">What was wrong; null if nothing was.</param>
/// <param name="FoundBy">The checker that found it, or the exception of a core that found its own state broken.</param>
/// <param name="ConvergedAfter">How long after the last fault all nodes listed the same; null if they never did.</param>
/// <param name="NodeTime">The simulated time of all processes together.</param>
/// <param name="TraceHash">Over the trace, if one was written.</param>
internal sealed record RunReport(
    SwarmOptions Options, string? Failure, string? FoundBy, TimeSpan? ConvergedAfter, TimeSpan NodeTime, long Events, Marks Marks, ulong TraceHash)
{
    public bool HasPassed => Failure is null;

    /// <summary>What to type to see the same again.</summary>
    public string ReplayLine => $"dotnet run --project PresenceTracker.Simulator -c Release -- replay --seed {Options.Seed} --trace";
}
