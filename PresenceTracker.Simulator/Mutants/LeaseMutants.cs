using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Bugs of leases, the only presences that two nodes can have a claim on.</summary>
internal static class LeaseMutants
{
    private const string Listing = "PresenceTracker.Protocol/Replication/Listing.cs";
    private const string Yields = "if (own is not null && newest.IsNewerThan(own))";

    public static ImmutableArray<Mutant> All { get; } =
    [
        new(
            "last-merged-wins",
            "Phoenix (phoenix_pubsub#214): two replicas add the same key, and the order of merging decides. Of two holders of a lease, whoever is heard of last stays",
            [new(Listing, Yields, "if (own is not null && presence != own)")]),
        new(
            "old-holder-not-told",
            "Ours: a lease moves, and its old holder goes on",
            [new(Listing, Yields, "if (own is not null && newest.Term < 0)")]),
        new(
            "ends-not-repeated",
            "Ours, and it was there: who could not hear of the end of a lease is not told when it is back, and brings back what was ended",
            [new("PresenceTracker.Protocol/Replication/OwnLeases.cs", "if (!ends.IsEmpty)", "if (ends.Length < 0)")]),
    ];
}
