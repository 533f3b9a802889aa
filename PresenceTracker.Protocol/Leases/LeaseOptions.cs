namespace PresenceTracker.Protocol.Leases;

/// <summary>The limits of the lease core.</summary>
public sealed record LeaseOptions
{
    /// <summary>
    /// How long the holder of a lease has for its answer. Default 1 s: the longest that a backend should wait for one renewal, and a protocol
    /// period of SWIM, in which a healthy node always answers.
    /// </summary>
    public TimeSpan AnswerWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Requests of callers of this node that wait for an answer at one time. Default 1,024: in the second that an answer may take, more than a
    /// node can serve of them. Our guess.
    /// </summary>
    public int OutstandingMax { get; init; } = 1_024;

    /// <summary>
    /// Requests by which ends are repeated that wait for an answer at one time, beside those of callers. Default 256: one for each of as many
    /// shards as a node may have. Our guess.
    /// </summary>
    public int RepeatedMax { get; init; } = 256;

    /// <summary>Requests of other nodes that wait for a shard of this one. Default 1,280, as one node may have outstanding.</summary>
    public int ServingMax { get; init; } = 1_280;

    /// <summary>Calls in one message. Default 1,000: a batch of one turn of a shard; their answers stay far below 64 KB.</summary>
    public int CallsMax { get; init; } = 1_000;

    /// <summary>An upper bound of the bytes of the calls in one message. Default 60,000: with the envelope below 64 KB.</summary>
    public int MessageBytesMax { get; init; } = 60_000;
}
