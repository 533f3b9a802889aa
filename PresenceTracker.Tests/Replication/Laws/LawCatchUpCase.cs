using CsCheck;

namespace PresenceTracker.Tests.Replication.Laws;

/// <param name="Presences">How many there are when the catch-up begins.</param>
/// <param name="KnownAtStart">How many of them the receiver knew, long ago.</param>
/// <param name="LogRemovals">How many removals the log holds.</param>
/// <param name="OperationsPerPull">
/// How many operations happen between two pulls; half a log, because a full log forgets its older half.
/// </param>
/// <param name="MessageBytes">The limit of one message.</param>
/// <param name="IsRelayed">Whether a node in between answers, which itself keeps up with the origin.</param>
/// <param name="Seed">Of the operations.</param>
internal sealed record LawCatchUpCase(
    int Presences, int KnownAtStart, int LogRemovals, int OperationsPerPull, int MessageBytes, bool IsRelayed, ulong Seed)
{
    public static readonly Gen<LawCatchUpCase> Any =
        from log in Gen.Int[2, 6]
        from operations in Gen.Int[1, log / 2]
        from presences in Gen.Int[2, 20]
        from known in Gen.Int[0, 24]
        from entries in Gen.Int[2, 3]
        from removals in Gen.Int[0, 2]
        from slack in Gen.Int[-1, 1]
        from isRelayed in Gen.Bool
        from seed in Gen.ULong
        select new LawCatchUpCase(
            presences,
            known,
            log,
            operations,
            (entries * LawWorld.EntryBytes) + (removals * LawWorld.RemovalBytes) + slack,
            isRelayed,
            seed);
}
