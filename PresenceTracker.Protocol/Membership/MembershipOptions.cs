using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>The settings of the membership core. Cluster name, token and shard count must be the same on every node of a cluster.</summary>
public sealed record MembershipOptions
{
    /// <summary>The version of the wire protocol; a node of another version is refused.</summary>
    public const uint ProtocolVersion = 3;

    /// <summary>
    /// How many updates ride on one message. The prototype of the SWIM paper took 6, in a packet of 135 bytes; 16 are about 1 KB, and 4 KB
    /// with the longest of addresses.
    /// </summary>
    public const int UpdatesPerMessageMax = 16;

    /// <summary>How many neighbours in the overlay an answer names at most (our choice): far more than are ever asked to probe.</summary>
    public const int NeighborsMax = 16;

    /// <summary>Keeps clusters apart that could reach each other. 1 to 255 characters.</summary>
    public required string ClusterName { get; init; }

    /// <summary>1 to 256; must be the same on every node, because it decides which shard a topic belongs to.</summary>
    public required int ShardCount { get; init; }

    /// <summary>The addresses to greet first. Empty on a single node; the own address among them does no harm.</summary>
    public ImmutableArray<string> Seeds { get; init; } = [];

    /// <summary>Whether further seeds are being looked for: until a change of the seeds says otherwise, those that are known are not all.</summary>
    public bool AwaitsMoreSeeds { get; init; }

    /// <summary>
    /// Whether a cluster around the tracker says who may be a peer: nobody else is taken for a member, or greeted. There are no seeds then.
    /// </summary>
    public bool PeersAreGiven { get; init; }

    /// <summary>What a node must have to join, beside the name of the cluster; null if everybody may who reaches it.</summary>
    public SharedToken? Token { get; init; }

    /// <summary>How failures are noticed. Default: <see cref="SwimOptions.Lan"/>.</summary>
    public SwimOptions Swim { get; init; } = SwimOptions.Lan;

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
    /// How often an address is greeted that has not answered or was lost less than <see cref="SlowGreetingAfter"/> ago, and a suspect told
    /// of it by who accuses it. Default 1 s (our choice): a partition shall heal within 2 s of the network.
    /// </summary>
    public TimeSpan GreetingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a lost address is greeted at <see cref="GreetingInterval"/>. Default 1 h (our choice): most that comes back does so by
    /// then.
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

    /// <summary>How many addresses are known at most, live and lost. Default 1,000 (our choice): the largest cluster aimed at.</summary>
    public int AddressesMax { get; init; } = 1_000;

    /// <exception cref="ArgumentException">Names every value that is outside its limits.</exception>
    internal void Validate()
    {
        var faults = new List<string>();
        Check(ClusterName.Length is >= 1 and <= 255, nameof(ClusterName), $"'{ClusterName}'", "must have 1 to 255 characters");
        Check(ShardCount is >= 1 and <= RecordCheck.ShardsMax, nameof(ShardCount), ShardCount, $"must be 1 to {RecordCheck.ShardsMax}");
        Check(RemovedAfter > TimeSpan.Zero, nameof(RemovedAfter), RemovedAfter, "must be positive");
        Check(FirstContact > TimeSpan.Zero, nameof(FirstContact), FirstContact, "must be positive");
        Check(GreetingInterval > TimeSpan.Zero, nameof(GreetingInterval), GreetingInterval, "must be positive");
        Check(SlowGreetingAfter > TimeSpan.Zero, nameof(SlowGreetingAfter), SlowGreetingAfter, "must be positive");
        Check(SlowGreetingInterval > TimeSpan.Zero, nameof(SlowGreetingInterval), SlowGreetingInterval, "must be positive");
        Check(RemovalRecordLifetime > TimeSpan.Zero, nameof(RemovalRecordLifetime), RemovalRecordLifetime, "must be positive");
        Check(RemovalRecordsMax >= 1, nameof(RemovalRecordsMax), RemovalRecordsMax, "must be at least 1");
        Check(AddressesMax >= 1, nameof(AddressesMax), AddressesMax, "must be at least 1");
        Swim.Validate(faults);
        if (faults.Count > 0) throw new ArgumentException(string.Join("; ", faults));
        ValidateSeeds(Seeds);

        void Check(bool holds, string option, object value, string rule)
        {
            if (!holds) faults.Add($"{option} {rule}, but is {value}");
        }
    }

    /// <exception cref="ArgumentException">Names every seed that is no address.</exception>
    internal void ValidateSeeds(ImmutableArray<string> seeds)
    {
        if (seeds.IsDefault) throw new ArgumentException($"{nameof(Seeds)} must be an array");
        if (seeds.Length > AddressesMax)
        {
            throw new ArgumentException($"{nameof(Seeds)} must be at most {AddressesMax} ({nameof(AddressesMax)}), but are {seeds.Length}");
        }

        var faults = seeds.Where(seed => !NodeAddress.IsValid(seed)).ToArray();
        if (faults.Length > 0)
        {
            throw new ArgumentException(
                $"{nameof(Seeds)} must be {NodeAddress.Form}, but are {string.Join(", ", faults)}");
        }
    }
}
