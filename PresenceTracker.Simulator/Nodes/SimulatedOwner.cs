namespace PresenceTracker.Simulator.Nodes;

/// <summary>What presences of a node hang on.</summary>
/// <param name="Lease">For how long a lease is renewed each time.</param>
internal sealed record SimulatedOwner(OwnerKind Kind, string Id, TimeSpan Lease);
