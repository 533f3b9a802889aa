namespace PresenceTracker.Configuration;

/// <summary>Where a node listens for other nodes, and where they reach it.</summary>
/// <param name="BindHost">The host name or IP address to listen on; <c>0.0.0.0</c> for all.</param>
/// <param name="BindPort">The port to listen on; 0 for any free one.</param>
public sealed record RemotingAddress(string BindHost, int BindPort)
{
    /// <summary>The name that other nodes must use, if not <see cref="BindHost"/>; needed when it is bound to all.</summary>
    public string? PublicHost { get; init; }

    /// <summary>The port that other nodes must use, if not <see cref="BindPort"/>.</summary>
    public int? PublicPort { get; init; }
}
