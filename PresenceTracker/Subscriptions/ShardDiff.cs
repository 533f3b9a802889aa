using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Subscriptions;

/// <summary>What changed in the topics of one shard.</summary>
internal sealed record ShardDiff(IReadOnlyList<TopicDiff> Topics);
