namespace PresenceTracker.Discovery;

/// <summary>Something that was to tell of nodes and is of no use.</summary>
/// <param name="Count">How often since the last look.</param>
/// <param name="Detail">For the log; null for what strangers cause, which is counted alone.</param>
internal sealed record DiscoveryFault(DiscoveryFaultKind Kind, long Count, string? Detail);
