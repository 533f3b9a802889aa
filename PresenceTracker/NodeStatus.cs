using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker;

/// <summary>One node as this node sees it.</summary>
/// <param name="Contexts">By shard, how many operations of the node have been applied here.</param>
public sealed record NodeStatus(NodeId Node, bool IsSelf, NodeState State, ImmutableArray<ulong> Contexts);
