using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Leases;

/// <summary>That a lease was ended through this node.</summary>
/// <param name="At">When the shard heard of it: not before it was asked for, and before it was acknowledged.</param>
public readonly record struct LeaseEnd(PresenceId Id, MonotonicTime At);
