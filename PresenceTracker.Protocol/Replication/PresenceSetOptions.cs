namespace PresenceTracker.Protocol.Replication;

/// <summary>The limits of one shard's presence set.</summary>
public sealed record PresenceSetOptions
{
    /// <summary>
    /// Shards of the cluster: what a peer sends of a topic that belongs to another shard is malformed. Default null: a set by itself, which takes
    /// any topic.
    /// </summary>
    public int? ShardCount { get; init; }

    /// <summary>
    /// What the operation logs of all replicas may take together, in bytes; beyond it the longest log forgets its older half, and peers that
    /// are further behind than that catch up by chunks. Default 1 MB: some 40,000 operations, minutes of a busy shard.
    /// </summary>
    public int OperationLogBytesMax { get; init; } = 1024 * 1024;

    /// <summary>
    /// An upper bound of the bytes of one message. Default 60,000: with the envelope below 64 KB, which is half of Akka.Remote's frame.
    /// </summary>
    public int MessageBytesMax { get; init; } = 60_000;

    /// <summary>How many entries a walk shows or hides per turn. Default 1,000: about a millisecond.</summary>
    public int WalkEntriesMax { get; init; } = 1_000;
}
