namespace PresenceTracker.Tests.Host.Faults;

/// <summary>One fault of a schedule.</summary>
/// <param name="After">The one before has begun.</param>
/// <param name="Hosts">In the order in which they are considered: the fault strikes the first that is free, or the link of the first two.</param>
/// <param name="Lasts">Until the restart, or the end of the pause or cut.</param>
internal sealed record HostFault(TimeSpan After, HostFaultKind Kind, int[] Hosts, TimeSpan Lasts);
