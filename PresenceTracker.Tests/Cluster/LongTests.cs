namespace PresenceTracker.Tests.Cluster;

/// <summary>
/// Some bars take minutes. By default their tests run for as long as it takes to pass through every state once; with the environment variable
/// <c>PRESENCE_LONG_TESTS=1</c>, for as long as the bar says.
/// </summary>
internal static class LongTests
{
    public static bool AreOn { get; } = Environment.GetEnvironmentVariable("PRESENCE_LONG_TESTS") == "1";
}
