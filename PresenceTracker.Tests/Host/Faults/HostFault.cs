namespace PresenceTracker.Tests.Host.Faults;

/// <summary>One fault of a schedule.</summary>
/// <param name="Other">Of a link, its other end.</param>
/// <param name="Lasts">Until the restart, or the end of the pause or cut.</param>
internal sealed record HostFault(HostFaultKind Kind, int Host, int? Other, TimeSpan Lasts);
