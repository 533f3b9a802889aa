using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>Prints what was measured, so that a run shows how far from its bars it was, also when it passes.</summary>
internal static class Figures
{
    public static void Print(ITestOutputHelper output, string figure)
    {
        output.WriteLine($"[figure] {figure}");

        // Shown while the run goes on; the test's own output comes with its result. Both need the detailed console logger.
        Console.WriteLine($"[figure] {figure}");
    }
}
