using System.Collections.Immutable;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>How an answer lies to the limits of a set.</summary>
internal static class LawSizes
{
    public static int BytesOf(Dots dots) =>
        (dots.Entries.Length * LawWorld.EntryBytes) + (dots.IsDelta ? dots.Removals.Length * LawWorld.RemovalBytes : 0);

    /// <param name="parts">The answer to a pull from <paramref name="from"/>.</param>
    /// <param name="version">Where the sender stands.</param>
    public static LawClass Of(ImmutableArray<Dots> parts, ulong from, ulong version, ReplicaHistory history, PresenceSetOptions options)
    {
        if (parts.IsEmpty)
        {
            return LawClass.None;
        }

        var log = options.OperationLogBytesMax / OperationLog.BytesPerRemoval;
        var seen = (history.RemovalsIn(from, version).Count() - log) switch
        {
            -1 => LawClass.LogUnder,
            0 => LawClass.LogAt,
            1 => LawClass.LogOver,
            _ => LawClass.None,
        };
        seen |= parts.Length > 1 ? LawClass.Split : LawClass.None;
        seen |= parts.Any(part => !part.IsDelta) ? LawClass.Chunk : LawClass.None;
        if (parts[^1].To < version)
        {
            return seen;
        }

        return seen | (parts.Sum(BytesOf) - options.MessageBytesMax) switch
        {
            -1 => LawClass.MessageUnder,
            0 => LawClass.MessageAt,
            1 => LawClass.MessageOver,
            _ => LawClass.None,
        };
    }
}
