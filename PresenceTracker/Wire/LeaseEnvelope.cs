using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;

namespace PresenceTracker.Wire;

/// <summary>What travels between the lease endpoints of two nodes.</summary>
/// <param name="From">The sender as it calls itself now.</param>
internal sealed record LeaseEnvelope(NodeId From, LeaseMessage Message) : Envelope;
