namespace PresenceTracker.Tests.Host.Processes;

/// <summary>What many do at the same time.</summary>
internal static class Crowd
{
    // As a load balancer hands connections on; all at once would only wait for the processors.
    private const int AtATimeMax = 32;

    public static Task EachAsync(int count, Func<int, Task> action) => Parallel.ForAsync(
        0, count, new ParallelOptions { MaxDegreeOfParallelism = AtATimeMax }, async (n, _) => await action(n));
}
