using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Docs;

namespace PresenceTracker.Tests.Samples;

/// <summary>A sample as its user starts it.</summary>
internal static class SampleProcess
{
    public static ConsoleProcess Start(string sample, params string[] arguments)
    {
        // Built beside this assembly, in the same configuration.
        var output = Path.GetRelativePath(Path.Combine(Repository.Root, "PresenceTracker.Tests"), AppContext.BaseDirectory);
        return new ConsoleProcess(Path.Combine(Repository.Root, "samples", sample, output, $"{sample}.dll"), arguments);
    }
}
