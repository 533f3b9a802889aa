using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker;

/// <summary>One node as this node sees it.</summary>
/// <param name="Contexts">By shard, how many operations of the node have been applied here.</param>
/// <param name="Lag">
/// Operations of the node that this one has heard of and not applied yet; zero for itself, and for a node that is down. At most a second old.
/// </param>
/// <param name="PresenceCount">Presences of the node that are listed here; those of an earlier life at its address too, until they have left.</param>
/// <param name="Sent">What this node has sent to it; zero for itself.</param>
/// <param name="Received">What this node has received from it; zero for itself.</param>
public sealed record NodeStatus(
    NodeId Node,
    bool IsSelf,
    NodeState State,
    ImmutableArray<ulong> Contexts,
    ulong Lag,
    long PresenceCount,
    NodeTraffic Sent,
    NodeTraffic Received);
