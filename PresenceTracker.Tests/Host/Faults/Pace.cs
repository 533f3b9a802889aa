namespace PresenceTracker.Tests.Host.Faults;

/// <summary>
/// How long a fault, or the rest of a backend, lasts: what the test does to the Hosts, and no wait for anything that they do.
/// </summary>
internal static class Pace
{
    /// <summary>Completes when the time has passed, or earlier if the test ends.</summary>
    public static async Task LastsAsync(TimeSpan span, CancellationToken end = default)
    {
        if (span > TimeSpan.Zero)
        {
            using var timer = new PeriodicTimer(span);
            await ((Task)timer.WaitForNextTickAsync(end).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
