using System.Diagnostics;
using Xunit.Sdk;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>Waits for what other processes or actor systems bring about in their own time.</summary>
internal static class Eventually
{
    // Nobody tells a test that two processes agree; it asks them again and again.
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until there is no difference from what is expected.</summary>
    /// <param name="difference">What is seen instead; null when it holds.</param>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> HoldsAsync(string expected, TimeSpan patience, Func<Task<string?>> difference)
    {
        var began = Stopwatch.GetTimestamp();
        using var asking = new PeriodicTimer(AskAgainAfter);
        while (true)
        {
            var seen = await difference();
            var took = Stopwatch.GetElapsedTime(began);
            if (seen is null)
            {
                return took;
            }

            if (took > patience)
            {
                throw new XunitException($"Expected within {patience}: {expected}\nSeen after {took}: {seen}");
            }

            await asking.WaitForNextTickAsync();
        }
    }
}
