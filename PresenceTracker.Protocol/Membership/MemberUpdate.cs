using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What nodes tell each other of a third, riding on their messages (SWIM §4.1).</summary>
/// <param name="Node">Of whom; an update says nothing of another life at its address.</param>
/// <param name="Refutation">The refutation that this was said of, or that a living node has reached.</param>
/// <param name="Kind">What is said.</param>
/// <param name="Accuser">The address of the node whose own probe failed; null unless it is a suspicion.</param>
public sealed record MemberUpdate(NodeId Node, ulong Refutation, UpdateKind Kind, string? Accuser = null);
