using PresenceTracker.Benchmarks.Results;

namespace PresenceTracker.Benchmarks.Scenarios;

/// <summary>One workload, end to end. Everything that is compared is measured in the same run, for ratios hold where absolute figures do not.</summary>
internal abstract class Scenario
{
    /// <summary>How the workload is chosen on the command line.</summary>
    public abstract string Name { get; }

    public abstract string Title { get; }

    /// <summary>What is done, so that a reader could do it again.</summary>
    public abstract string Method { get; }

    /// <param name="progress">Takes a line for each part, as it begins.</param>
    public abstract Task<IReadOnlyList<ScenarioLine>> RunAsync(Action<string> progress);
}
