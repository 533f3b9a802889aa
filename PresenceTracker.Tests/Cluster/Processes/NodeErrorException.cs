namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>A node process answered a request with an exception.</summary>
internal sealed class NodeErrorException(string type, string message) : Exception($"{type}: {message}")
{
    /// <summary>The name of the exception's type in the node process.</summary>
    public string Type { get; } = type;

    public string Error { get; } = message;
}
