using PresenceTracker.Tests.Cluster;
using Xunit;

namespace PresenceTracker.Tests.Clients;

/// <summary>
/// A test of a client in JavaScript. Where there is no Node.js it is skipped and says how to get one, except in continuous integration: there
/// it fails, because nobody reads what was skipped.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() => Skip = WhyNot;

    /// <summary>Why such a test is skipped; null if it is not.</summary>
    public static string? WhyNot { get; } = (IsInstalled("node") && IsInstalled("npm")) || ContinuousIntegration.IsOn
        ? null
        : "There is no node or no npm on the path. Install Node.js 18 or later (Debian: apt-get install nodejs npm).";

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
