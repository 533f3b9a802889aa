namespace PresenceTracker.Errors;

/// <summary>
/// The tracker has stopped because Akka.Cluster has removed its node: it was told to leave, or given up while it could not be reached. Only a new
/// process can be let in again at its address.
/// </summary>
public sealed class RemovedFromClusterException(string address)
    : TrackerStoppedException($"Akka.Cluster has removed {address}; start the process anew to let it in again")
{
    /// <summary>As <c>host:port</c>.</summary>
    public string Address { get; } = address;
}
