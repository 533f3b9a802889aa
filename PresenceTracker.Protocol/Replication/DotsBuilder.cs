using System.Collections.Immutable;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>Makes the messages that bring a peer up to date on one replica, none of them larger than the limit.</summary>
internal static class DotsBuilder
{
    /// <summary>
    /// Deltas from the peer's context if the log reaches back to it, otherwise chunks from where the peer's chunks end. Always as of this
    /// node's own context of the replica.
    /// </summary>
    /// <remarks>
    /// Deviation: beside the next chunks go, where the log reaches, the operations since the chunks before. They lift what is covered to
    /// the same version; without them each pass of chunks would end as far behind as the pass took.
    /// </remarks>
    public static ImmutableArray<Dots> Build(ReplicaState replica, PullPosition position, int bytesMax, int partsMax)
    {
        var version = replica.Context;
        if (version <= position.Context)
        {
            return [];
        }

        var parts = ImmutableArray.CreateBuilder<Dots>();
        if (position.Context >= replica.Log.Start)
        {
            AddDeltas(parts, replica, position.Context, bytesMax, partsMax);
            if (position.CoveredTo == 0 || parts[^1].To == version)
            {
                return parts.ToImmutable();
            }

            // By the time of the next pull the log may no longer reach back this far, and the chunks so far would have been for nothing.
            parts.Clear();
        }

        var chunksTo = version;
        if (position.CoveredTo > 0 && position.CoveredAsOf >= replica.Log.Start && position.CoveredAsOf < version)
        {
            // One part at least is left for the chunks, or they would never go on.
            AddDeltas(parts, replica, position.CoveredAsOf, bytesMax, partsMax - 1);
            chunksTo = parts.Count > 0 ? position.CoveredAsOf : version;
        }

        for (var from = position.CoveredTo; from < chunksTo && parts.Count < partsMax;)
        {
            from = Add(parts, ChunkFrom(replica, from, chunksTo, bytesMax), bytesMax);
        }

        return parts.ToImmutable();
    }

    private static void AddDeltas(ImmutableArray<Dots>.Builder parts, ReplicaState replica, ulong from, int bytesMax, int partsMax)
    {
        while (from < replica.Context && parts.Count < partsMax)
        {
            from = Add(parts, DeltaFrom(replica, from, replica.Context, bytesMax), bytesMax);
        }
    }

    private static ulong Add(ImmutableArray<Dots>.Builder parts, Dots part, int bytesMax)
    {
        if (part.To <= part.From)
        {
            throw new InvariantViolationException($"no entry of {part.Replica} after {part.From} fits into {bytesMax} bytes");
        }

        parts.Add(part);
        return part.To;
    }

    /// <summary>The delta from <paramref name="from"/>, ending early, as of its own end, where it would grow too large.</summary>
    private static Dots DeltaFrom(ReplicaState replica, ulong from, ulong version, int bytesMax)
    {
        // One more than fits, so that a cut is noticed.
        var removals = replica.Log.Between(from, version, (bytesMax / Removal.EncodedBytesMax) + 1);
        var entries = ImmutableArray.CreateBuilder<Presence>();
        var bytes = 0;
        var removal = 0;
        var to = version;
        foreach (var entry in replica.Between(from, version))
        {
            if (!FitRemovalsThrough(entry.Dot - 1) || bytes + entry.EncodedBytesMax + Removal.EncodedBytesMax > bytesMax)
            {
                to = LastFitting();
                break;
            }

            entries.Add(entry);
            bytes += entry.EncodedBytesMax;
        }

        if (to == version && !FitRemovalsThrough(version))
        {
            to = LastFitting();
        }

        // The removal at a cut's own sequence belongs to it: an update's entry and its removal share the sequence.
        var end = removal;
        while (end < removals.Length && removals[end].Sequence <= to)
        {
            end++;
        }

        return new Dots(replica.Id, from, to, AsOf: to, replica.Horizon, entries.ToImmutable(), removals[..end]);

        bool FitRemovalsThrough(ulong sequence)
        {
            while (removal < removals.Length && removals[removal].Sequence <= sequence)
            {
                if (bytes + Removal.EncodedBytesMax > bytesMax)
                {
                    return false;
                }

                bytes += Removal.EncodedBytesMax;
                removal++;
            }

            return true;
        }

        ulong LastFitting() => Math.Max(
            entries.Count > 0 ? entries[^1].Dot : 0,
            removal > 0 ? removals[removal - 1].Sequence : 0);
    }

    private static Dots ChunkFrom(ReplicaState replica, ulong from, ulong end, int bytesMax)
    {
        var entries = ImmutableArray.CreateBuilder<Presence>();
        var bytes = 0;
        var to = end;
        foreach (var entry in replica.Between(from, end))
        {
            bytes += entry.EncodedBytesMax;
            if (bytes > bytesMax)
            {
                to = entries.Count == 0 ? from : entries[^1].Dot;
                break;
            }

            entries.Add(entry);
        }

        return new Dots(replica.Id, from, to, AsOf: replica.Context, replica.Horizon, entries.ToImmutable(), Removals: default);
    }
}
