using System.Collections.Immutable;

namespace PresenceTracker.Discovery;

/// <summary>What one look has found.</summary>
/// <param name="Addresses">Where nodes may be, perhaps this one among them; null if nothing can be said of it now.</param>
internal sealed record Finding(ImmutableArray<string>? Addresses, ImmutableArray<DiscoveryFault> Faults)
{
    public static Finding Of(ImmutableArray<string> addresses) => new(addresses, []);

    public static Finding Nothing(DiscoveryFaultKind kind, string detail) => new(null, [new DiscoveryFault(kind, 1, detail)]);
}
