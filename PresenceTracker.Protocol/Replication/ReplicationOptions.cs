namespace PresenceTracker.Protocol.Replication;

/// <summary>The options of one shard's replication core.</summary>
public sealed record ReplicationOptions
{
    /// <summary>The limits of the presence set.</summary>
    public PresenceSetOptions Set { get; init; } = new();

    /// <summary>How long own operations are collected before they leave, while they come faster than that. Default 5 ms: far below what a person notices.</summary>
    public TimeSpan FlushWindow { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>At the latest after this a node that returned is shown with what is known of it. Default 1 s: one protocol period of SWIM.</summary>
    public TimeSpan ShowReturnedAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long readers keep what a crashed epoch had published, and writes wait, while the next one catches up. Default 2 s: a pull that
    /// is lost is asked for again after 1 s.
    /// </summary>
    public TimeSpan RebuildMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How many operations of callers may wait for that; more are refused. Default 10,000: 5,000 a second for <see cref="RebuildMax"/>, with metas of
    /// 4 KB no more than 40 MB.
    /// </summary>
    public int WaitingOperationsMax { get; init; } = 10_000;

    /// <summary>How many of the operations that have waited are carried out per turn. Default 1,000: the largest batch of one caller.</summary>
    public int WaitingOperationsPerTurn { get; init; } = 1_000;

    /// <summary>
    /// How many ends of leases are remembered, to be repeated to holders that return. Default 1,024: with names of usual length, 0.2 MB; in a
    /// node of 8 shards, the ends of 80 s at 100 in a second. Our guess.
    /// </summary>
    public int EndedLeasesMax { get; init; } = 1_024;

    /// <summary>For how long. Default 20 min: for so long a silent node is kept.</summary>
    public TimeSpan EndedLeasesKeptFor { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How many parts one pull is answered with. Default 4: as many chunks may be outstanding, 64 KB each.</summary>
    public int PullPartsMax { get; init; } = 4;
}
