using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Every planted bug.</summary>
internal static class MutantCatalog
{
    /// <summary>What has gone wrong in the field, then what nearly went wrong here.</summary>
    public static ImmutableArray<Mutant> All { get; } =
        [.. ReplicationMutants.All, .. SpreadingMutants.All, .. ReaderMutants.All, .. LeaseMutants.All, .. OverlayMutants.All, .. MembershipMutants.All];
}
