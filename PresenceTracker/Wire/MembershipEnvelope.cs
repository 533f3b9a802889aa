using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Wire;

/// <summary>What travels between the membership endpoints of two nodes.</summary>
/// <param name="FromAddress">The address that the sender advertises, and to which answers go.</param>
internal sealed record MembershipEnvelope(string FromAddress, MembershipMessage Message) : Envelope;
