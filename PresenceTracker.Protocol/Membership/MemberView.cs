using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>One node as this one sees it.</summary>
/// <param name="Since">When it came into that state; moved on by the length of this node's own pauses.</param>
public sealed record MemberView(NodeId Node, ulong Refutation, MemberState State, MonotonicTime Since);
