namespace PresenceTracker.Protocol.Gossip;

/// <summary>The figures of the gossip core. Each default names its source.</summary>
public sealed record GossipOptions
{
    /// <summary>Shards of the cluster, 1 to 256. Default 8: one per core of a common server, so that merging spreads over all.</summary>
    public int ShardCount { get; init; } = 8;

    /// <summary>Whether local changes are sent at once. Switched off only by tests that show what the digests repair alone.</summary>
    public bool PushEnabled { get; init; } = true;

    /// <summary>Time between digest rounds, before a jitter of a fifth. Default 200 ms: the gossip interval of memberlist (LAN) and foca.</summary>
    public TimeSpan RoundInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Random peers per round. Default 2: with push-pull, 10 nodes are reached in 3 rounds and 1,000 in 7 (99th percentile).</summary>
    public int FanOut { get; init; } = 2;

    /// <summary>Quiet time after which rounds stop. Default 2 s: ten rounds, more than 1,000 nodes need to agree. Our guess.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between the roots to a blocked peer. Default 1 s: the protocol period of SWIM.</summary>
    public TimeSpan BeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Estimated bytes of unacknowledged pushes to one peer. Default 256 KB: 20 MB/s at a round trip of 12 ms, and no more memory than that
    /// when a peer stops. Our guess.
    /// </summary>
    public int PushBytesMax { get; init; } = 256 * 1024;

    /// <summary>Age of an unacknowledged push at which its peer gets no more. Default 1 s: one protocol period of SWIM.</summary>
    public TimeSpan PushAgeMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before handled pushes are acknowledged. Default 50 ms: far below <see cref="PushAgeMax"/>, as TCP's delayed ACK.</summary>
    public TimeSpan AckDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Handled and unacknowledged bytes that are acknowledged at once. Default 64 KB: a quarter of <see cref="PushBytesMax"/>.</summary>
    public int AckBytesMax { get; init; } = 64 * 1024;

    /// <summary>
    /// Time without progress after which a pull is given up and another peer asked; for a small answer, how long in all a peer is asked again and
    /// again. Default 1 s: one protocol period of SWIM.
    /// </summary>
    public TimeSpan PullTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Replicas that are pulled at one time. Default 16: with four parts of 64 KB each, at most 4 MB are under way. Our guess.</summary>
    public int PullsMax { get; init; } = 16;

    /// <summary>Estimated bytes of the contexts in one digest message. Default 56 KB: below the message limit of 64 KB with room for the rest.</summary>
    public int DigestBytesMax { get; init; } = 56 * 1024;

    /// <summary>
    /// How long nodes that see only unsynced peers wait for further seeds before the lowest calls itself synced, and how long a replica that a
    /// digest names may stay unknown here before it is no longer waited for. Default 2 s: two tries of the handshake.
    /// </summary>
    public TimeSpan AgreementWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a node with seeds waits for a first peer before it is ready alone. Default 10 s: ten tries of the handshake.</summary>
    public TimeSpan AloneWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <exception cref="ArgumentOutOfRangeException">Names the first option that is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ShardCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ShardCount, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(FanOut, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PullsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PushBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AckBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DigestBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RoundInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BeatInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PullTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PushAgeMax, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AckDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(AgreementWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(AloneWait, TimeSpan.Zero);
    }
}
