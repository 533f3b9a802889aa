using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// The one message of replication: "replica r, dots (from, to], as of V". It carries exactly the entries that were live at version V
/// and whose dot lies in (from, to].
/// </summary>
/// <param name="Replica">Whose dots.</param>
/// <param name="From">Lower end of the range, exclusive.</param>
/// <param name="To">Upper end of the range, inclusive.</param>
/// <param name="AsOf">The version V of the replica that the entries show; at least <paramref name="To"/>.</param>
/// <param name="Horizon">
/// The highest version of the replica that the sender knew of when it made the message; above <paramref name="AsOf"/> in a part of a delta
/// that was too large for one message, and from a sender that is itself catching up. What died between the two may be missing from the
/// entries, and a presence that this message shows as gone may have a later dot up to the horizon.
/// </param>
/// <param name="Entries">The live entries, by rising dot.</param>
/// <param name="Removals">
/// For a delta (<paramref name="To"/> = <paramref name="AsOf"/>), every removal with a sequence in (from, to], by rising sequence, those of
/// dots at or below <paramref name="From"/> too, so that the receiver's own log stays exact. Default (not empty) for a chunk.
/// </param>
public sealed record Dots(
    ReplicaId Replica,
    ulong From,
    ulong To,
    ulong AsOf,
    ulong Horizon,
    ImmutableArray<Presence> Entries,
    ImmutableArray<Removal> Removals)
{
    /// <summary>Whether the message carries the log segment (from, to] beside the entries.</summary>
    public bool IsDelta => !Removals.IsDefault;

    /// <summary>Whether the parts fit together, so that taking the message in breaks no invariant of the receiver.</summary>
    /// <param name="shardCount">Shards of the cluster; null if topics may be in any.</param>
    internal bool IsWellFormed(int? shardCount)
    {
        if (From >= To || To > AsOf || AsOf > Horizon || (IsDelta && To != AsOf))
        {
            return false;
        }

        var previous = From;
        foreach (var entry in Entries)
        {
            if (entry.Dot <= previous || entry.Dot > To || entry.Replica != Replica)
            {
                return false;
            }

            // Nobody would look for the topic in this shard.
            if (shardCount is { } count && StableHash.ShardOf(entry.Topic, count) != Replica.Shard)
            {
                return false;
            }

            previous = entry.Dot;
        }

        previous = From;
        foreach (var removal in IsDelta ? Removals : [])
        {
            if (removal.Sequence <= previous || removal.Sequence > To || removal.Removed >= removal.Sequence)
            {
                return false;
            }

            previous = removal.Sequence;
        }

        return true;
    }

    public override string ToString() =>
        $"{(IsDelta ? "delta" : "chunk")} {Replica} ({From}, {To}] as of {AsOf}, horizon {Horizon}: {Entries.Length} live" +
        (IsDelta ? $", {Removals.Length} removed" : "");
}
