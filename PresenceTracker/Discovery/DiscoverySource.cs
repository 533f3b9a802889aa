namespace PresenceTracker.Discovery;

/// <summary>In which ways nodes are found.</summary>
internal enum DiscoverySource
{
    Dns,
    File,
    Multicast,
}
