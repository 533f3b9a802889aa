using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Bugs of the presence set and its messages.</summary>
internal static class ReplicationMutants
{
    private const string Builder = "PresenceTracker.Protocol/Replication/DotsBuilder.cs";
    private const string KnownRanges = "PresenceTracker.Protocol/Replication/KnownRanges.cs";
    private const string Merge = "PresenceTracker.Protocol/Replication/DotsMerge.cs";
    private const string Set = "PresenceTracker.Protocol/Replication/PresenceSet.cs";
    private const string Table = "PresenceTracker.Protocol/Replication/ReplicaTable.cs";

    public static ImmutableArray<Mutant> All { get; } =
    [
        new(
            "zombie-by-transfer",
            "Phoenix (phoenix#2306): a node that was purged comes back with what a third node still holds of it. Data makes a replica, without a word of the membership",
            [
                new(
                    Set,
                    "        if (_replicas.Get(dots.Replica) is not { Visibility.Walk: not WalkDirection.Hiding } replica)",
                    """
                            if (_replicas.Get(dots.Replica) is null)
                            {
                                _replicas.NodeUp(new NodeRecord(
                                    dots.Replica.Node, 1, dots.Replica.Epoch == 0 ? [] : [new ShardEpoch(dots.Replica.Shard, dots.Replica.Epoch, 0)]));
                            }

                            if (_replicas.Get(dots.Replica) is not { Visibility.Walk: not WalkDirection.Hiding } replica)
                    """),
                new(
                    "PresenceTracker.Protocol/Gossip/ContextTable.cs",
                    "_entries.TryGetValue(replica, out var entry) ? entry.Position : null;",
                    "_entries.TryGetValue(replica, out var entry) ? entry.Position : default(PullPosition);"),
            ]),
        new(
            "stale-transfer-wins",
            "Phoenix (phoenix_pubsub#148): a transfer that is older than what is known overwrites it. A message counts in its whole range, as of whatever version",
            [
                new(Set, "if (dots.AsOf <= replica.Context)", "if (dots.AsOf == 0)"),
                new(
                    Merge,
                    "var fresh = replica.Known.OlderThan(dots.From, dots.To, dots.AsOf);",
                    "List<(ulong From, ulong To)> fresh = [(dots.From, dots.To)];"),
                new(
                    Merge,
                    "if (entry.Dot <= replica.SettledAt || replica.Get(entry.Dot) is not null)",
                    "if (replica.Get(entry.Dot) is not null)"),
            ]),
        new(
            "cut-at-threshold",
            "Phoenix (phoenix_pubsub#74): what is larger than one batch never arrives whole. A delta that is cut says that it reaches the end",
            [
                new(
                    Builder,
                    """
                    bytes + entry.EncodedBytesMax + Removal.EncodedBytesMax > bytesMax)
                                {
                                    to = LastFitting();
                                    break;
                    """,
                    """
                    bytes + entry.EncodedBytesMax + Removal.EncodedBytesMax > bytesMax)
                                {
                                    break;
                    """),
            ]),
        new(
            "dead-replicas-kept",
            "Phoenix (phoenix_pubsub#179): each restart adds a dead replica for ever. A purge hides the presences and keeps their replica",
            [new(Table, "                Drop(replica);", "                NoteWalk(replica);")]),
        new(
            "double-track",
            "Phoenix (phoenix_pubsub#49): what is tracked twice breaks its tracker at the end. A second track of what is there makes a second entry",
            [
                new(
                    Set,
                    """
                            if (_self.Get(id) is { } existing)
                            {
                                _listing.Release(existing);
                    """,
                    """
                            if (_self.Get(id) is { LeaveGrace.Ticks: < 0 } existing)
                            {
                                _listing.Release(existing);
                    """),
            ]),
        new(
            "context-at-chunk-end",
            "Ours: the context moves to the end of what was covered, though older chunks are known as of less, and what ended meanwhile is never heard of",
            [new(KnownRanges, "Context = Math.Max(Context, Math.Min(ContiguousTo, lowestAsOf));", "Context = ContiguousTo;")]),
        new(
            "relay-forgets-removals",
            "Ours: a delta names only removals of dots at or below its start, so that its receiver's log has gaps, and relays make ghosts",
            [
                new(
                    Builder,
                    "replica.Horizon, entries.ToImmutable(), removals[..end]);",
                    "replica.Horizon, entries.ToImmutable(), [.. removals[..end].Where(pair => pair.Removed <= from)]);"),
            ]),
        new(
            "epoch-shown-early",
            "Ours, and it was there: after a crash of a shard its new epoch is shown at a context at which updates are still missing, and an update is a leave and a join",
            [new("PresenceTracker.Protocol/Replication/ReplicaState.cs", "Context >= version && IsSettled;", "Context >= version;")]),
    ];
}
