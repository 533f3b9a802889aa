using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>One entry of a causal context: the highest contiguous sequence of the replica that was applied.</summary>
public readonly record struct ReplicaContext(ReplicaId Replica, ulong Context);
