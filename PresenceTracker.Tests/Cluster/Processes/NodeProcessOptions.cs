namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>How a node process starts its node.</summary>
/// <param name="PublicPort">What it advertises, if that is not the port it listens on.</param>
internal sealed record NodeProcessOptions(int Port, string[] Seeds, string Hocon, int? PublicPort = null, string? ClusterName = null)
{
    public string Address => $"127.0.0.1:{PublicPort ?? Port}";
}
