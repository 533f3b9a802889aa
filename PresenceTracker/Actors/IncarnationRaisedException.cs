using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Actors;

/// <summary>Not a fault: the reason for which a shard begins its next epoch when its node goes on under a higher incarnation.</summary>
internal sealed class IncarnationRaisedException(NodeId node) : Exception($"the node goes on as {node}");
