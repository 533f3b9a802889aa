namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>How a node process starts its node.</summary>
/// <param name="PublicPort">What it advertises, if that is not the port it listens on.</param>
/// <param name="Host">Where it listens; it always advertises <see cref="PublicHost"/>.</param>
internal sealed record NodeProcessOptions(
    int Port, string[] Seeds, string Hocon = "", int? PublicPort = null, string Host = NodeProcessOptions.PublicHost)
{
    public const string PublicHost = "127.0.0.1";

    public string Address => $"{PublicHost}:{PublicPort ?? Port}";
}
