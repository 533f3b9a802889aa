namespace PresenceTracker.Protocol.Membership;

/// <summary>Misbehaviour of a peer: counted, never an exception.</summary>
/// <param name="Address">Who, as far as known.</param>
/// <param name="Detail">The value that was wrong and the one expected; from the wire, so not to be trusted.</param>
public sealed record MembershipViolation(MembershipViolationKind Kind, string? Address, string Detail);
