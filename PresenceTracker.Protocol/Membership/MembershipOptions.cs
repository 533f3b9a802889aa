using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What the membership of a cluster can be set to. Every node of a cluster must have the same cluster name and shard count.</summary>
public sealed record MembershipOptions
{
    /// <summary>The version of the wire protocol; a node of another version is refused.</summary>
    public const uint ProtocolVersion = 1;

    /// <summary>Keeps clusters apart that could reach each other. 1 to 255 characters.</summary>
    public required string ClusterName { get; init; }

    /// <summary>1 to 256; must be the same on every node, because it decides which shard a topic belongs to.</summary>
    public required int ShardCount { get; init; }

    /// <summary>The addresses to greet first. Empty on a single node; the own address among them does no harm.</summary>
    public ImmutableArray<string> Seeds { get; init; } = [];

    /// <summary>Default 1 s: the protocol period of SWIM as memberlist and foca set it for a LAN.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After how many missed heartbeats a node is doubted. Default 4: the suspicion of memberlist on a LAN is 4 periods as well.
    /// </summary>
    public int SuspectAfterMissed { get; init; } = 4;

    /// <summary>
    /// After how many missed heartbeats a node's presences are hidden. Default 8: as long again, so that a killed node is gone in less
    /// than 10 s and a pause of a few seconds, such as a garbage collection, is no reason.
    /// </summary>
    public int DownAfterMissed { get; init; } = 8;

    /// <summary>
    /// How long the presences of a down node are kept. Default 20 min, as in Phoenix.Tracker (permdown_period). A shorter time costs a
    /// transfer after a partition, a longer one memory.
    /// </summary>
    public TimeSpan RemovedAfter { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>
    /// How long the seeds may take to answer before presences are announced without them. Default 2 s (our choice): two greetings.
    /// </summary>
    public TimeSpan FirstContact { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often an address is greeted that has not answered or was lost less than <see cref="SlowGreetingAfter"/> ago. Default 1 s (our
    /// choice): a partition shall heal within 2 s of the network.
    /// </summary>
    public TimeSpan GreetingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a lost address is greeted at <see cref="GreetingInterval"/>. Default 1 h (our choice): most of what comes back does so by then.
    /// </summary>
    public TimeSpan SlowGreetingAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// All addresses lost for longer share one greeting per this time, for ever. Default 10 s (our choice; foca announces itself to down
    /// members every 65 s, but to two of them).
    /// </summary>
    public TimeSpan SlowGreetingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it is remembered that a life was removed. Default 24 h, as foca remembers down members.</summary>
    public TimeSpan RemovalRecordLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many removed lives are remembered; the oldest is forgotten first. Default 10,000 (our choice): about 2 MB.</summary>
    public int RemovalRecordsMax { get; init; } = 10_000;

    /// <summary>How many addresses are known at most, live and lost together. Default 1,000 (our choice): the largest cluster aimed at.</summary>
    public int AddressesMax { get; init; } = 1_000;
}
