using System.Collections.Immutable;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>What callers, or the owner watch, ask of a shard.</summary>
/// <param name="Owner">Whom new presences hang on; null for what makes none.</param>
/// <param name="Completed">Told of the results, or of null if the shard was lost; null where nobody waits.</param>
internal sealed record ShardRequest(
    ImmutableArray<WriteOperation> Operations, SimulatedOwner? Owner, Action<ImmutableArray<WriteResult>?>? Completed);
