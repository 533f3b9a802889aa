using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>A peer that is known to hold more of a replica than we do, and up to which context.</summary>
internal readonly record struct PullSource(NodeId Peer, ulong Context);
