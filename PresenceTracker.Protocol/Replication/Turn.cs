using System.Collections.Immutable;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// Everything that one turn of a shard changed for its readers; published together, so that lists, counts and diffs agree.
/// </summary>
/// <param name="Version">The version of the shard's readable state after the turn.</param>
/// <param name="Diffs">One per topic that changed, by topic.</param>
/// <param name="Keys">One per key whose set of topics changed, by key.</param>
public sealed record Turn(ulong Version, ImmutableArray<TopicDiff> Diffs, ImmutableArray<KeyTopics> Keys)
{
    /// <summary>Own presences that ended in this turn without being asked to: their hold was over, or their lease is with another node.</summary>
    public ImmutableArray<PresenceId> OwnEnded { get; init; } = [];

    public bool IsEmpty => Diffs.IsEmpty;
}
