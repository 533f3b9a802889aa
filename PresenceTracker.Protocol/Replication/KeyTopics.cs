using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Replication;

/// <summary>The topics of one shard in which a key is present, after a change.</summary>
public readonly record struct KeyTopics(string Key, ImmutableSortedSet<string> Topics);
