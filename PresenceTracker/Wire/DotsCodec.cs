using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Wire;

/// <summary>The payload of replication on the wire, without the replica, which the message around it names.</summary>
internal static class DotsCodec
{
    // A delta goes to every peer, on as many threads: it is encoded once, and its bytes live as long as it does.
    private static readonly ConditionalWeakTable<Dots, ByteString> EncodedDots = [];

    public static ByteString Encode(Dots dots) => EncodedDots.GetValue(dots, EncodeAnew);

    public static Dots Decode(ReadOnlySpan<byte> message, ReplicaId replica)
    {
        ulong from = 0;
        ulong toStep = 0;
        ulong asOfStep = 0;
        ulong horizonStep = 0;
        var isDelta = false;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Dots.FromFieldNumber:
                    from = reader.Number();
                    break;
                case Schema.Dots.ToStepFieldNumber:
                    toStep = reader.Number();
                    break;
                case Schema.Dots.AsOfStepFieldNumber:
                    asOfStep = reader.Number();
                    break;
                case Schema.Dots.HorizonStepFieldNumber:
                    horizonStep = reader.Number();
                    break;
                case Schema.Dots.IsDeltaFieldNumber:
                    isDelta = reader.Flag();
                    break;
            }
        }

        if (toStep > ulong.MaxValue - from
            || asOfStep > ulong.MaxValue - from - toStep
            || horizonStep > ulong.MaxValue - from - toStep - asOfStep)
        {
            throw new WireFormatException("a range of dots goes beyond the largest number");
        }

        if (isDelta && asOfStep != 0)
        {
            throw new WireFormatException("a delta ends before the version it shows");
        }

        var to = from + toStep;
        var asOf = to + asOfStep;
        var entries = DecodeEntries(message, replica, from, to);
        var removals = DecodeRemovals(message, from, to);
        if (!isDelta && !removals.IsEmpty)
        {
            throw new WireFormatException("a chunk with removals");
        }

        return new Dots(replica, from, to, asOf, asOf + horizonStep, entries, isDelta ? removals : default);
    }

    public static Meta DecodeMeta(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > WireLimits.MetaBytesMax)
        {
            throw new WireFormatException($"a meta has {utf8.Length} bytes, more than {WireLimits.MetaBytesMax}");
        }

        return Meta.TryParse(utf8, out _) ?? throw new WireFormatException("a meta is not a JSON object that a tracker takes");
    }

    private static ByteString EncodeAnew(Dots dots)
    {
        var encoded = new Schema.Dots
        {
            From = dots.From,
            ToStep = dots.To - dots.From,
            AsOfStep = dots.AsOf - dots.To,
            HorizonStep = dots.Horizon - dots.AsOf,
            IsDelta = dots.IsDelta,
        };
        var before = dots.From;
        foreach (var entry in dots.Entries)
        {
            encoded.Entries.Add(Encode(entry, entry.Dot - before));
            before = entry.Dot;
        }

        before = dots.From;
        foreach (var removal in dots.IsDelta ? dots.Removals : [])
        {
            encoded.Removals.Add(new Schema.Removal
            {
                SequenceStep = removal.Sequence - before,
                Distance = removal.Sequence - removal.Removed,
                Cause = (uint)removal.Cause,
            });
            before = removal.Sequence;
        }

        return encoded.ToByteString();
    }

    private static Schema.Entry Encode(Presence entry, ulong step) => new()
    {
        DotStep = step,
        Topic = entry.Topic,
        Key = entry.Key,
        Owner = entry.Owner,
        Ref = entry.Ref,
        Meta = UnsafeByteOperations.UnsafeWrap(entry.Meta.Utf8),
        LeaveGraceMs = (uint)entry.LeaveGrace.TotalMilliseconds,
        Term = (uint)entry.Term,
    };

    private static ImmutableArray<Presence> DecodeEntries(ReadOnlySpan<byte> message, ReplicaId replica, ulong from, ulong to)
    {
        var entries = ImmutableArray.CreateBuilder<Presence>(FieldReader.CountOf(message, Schema.Dots.EntriesFieldNumber, WireLimits.EntriesMax));
        var dot = from;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == Schema.Dots.EntriesFieldNumber)
            {
                entries.Add(DecodeEntry(reader.Element(), replica, to, ref dot));
            }
        }

        return entries.MoveToImmutable();
    }

    private static Presence DecodeEntry(ReadOnlySpan<byte> message, ReplicaId replica, ulong to, ref ulong dot)
    {
        ulong step = 0;
        var topic = "";
        var key = "";
        var owner = "";
        var @ref = "";
        var grace = 0;
        var term = 0;
        Meta? meta = null;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Entry.DotStepFieldNumber:
                    step = reader.Number();
                    break;
                case Schema.Entry.TopicFieldNumber:
                    topic = reader.Text(WireLimits.TopicBytesMax, "a topic");
                    break;
                case Schema.Entry.KeyFieldNumber:
                    key = reader.Text(WireLimits.KeyBytesMax, "a key");
                    break;
                case Schema.Entry.OwnerFieldNumber:
                    owner = reader.Text(WireLimits.OwnerBytesMax, "an owner");
                    break;
                case Schema.Entry.RefFieldNumber:
                    @ref = reader.Text(WireLimits.RefBytesMax, "a ref");
                    break;
                case Schema.Entry.MetaFieldNumber:
                    meta = DecodeMeta(reader.Bytes());
                    break;
                case Schema.Entry.LeaveGraceMsFieldNumber:
                    grace = reader.Number(0, (int)WireLimits.LeaveGraceMax.TotalMilliseconds, "a leave grace in ms");
                    break;
                case Schema.Entry.TermFieldNumber:
                    term = reader.Number(0, int.MaxValue, "a term");
                    break;
            }
        }

        dot = Step(dot, step, to, "the dot of an entry");
        return new Presence(
            replica,
            dot,
            NamesCodec.IdOf("an entry", topic, key, owner),
            @ref.Length > 0 ? @ref : throw NamesCodec.Missing("an entry", "ref"),
            meta ?? throw NamesCodec.Missing("an entry", "meta"),
            TimeSpan.FromMilliseconds(grace),
            term);
    }

    private static ImmutableArray<Removal> DecodeRemovals(ReadOnlySpan<byte> message, ulong from, ulong to)
    {
        var removals = ImmutableArray.CreateBuilder<Removal>(FieldReader.CountOf(message, Schema.Dots.RemovalsFieldNumber, WireLimits.RemovalsMax));
        var sequence = from;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == Schema.Dots.RemovalsFieldNumber)
            {
                removals.Add(DecodeRemoval(reader.Element(), to, ref sequence));
            }
        }

        return removals.MoveToImmutable();
    }

    private static Removal DecodeRemoval(ReadOnlySpan<byte> message, ulong to, ref ulong sequence)
    {
        ulong step = 0;
        ulong distance = 0;
        var cause = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Removal.SequenceStepFieldNumber:
                    step = reader.Number();
                    break;
                case Schema.Removal.DistanceFieldNumber:
                    distance = reader.Number();
                    break;
                case Schema.Removal.CauseFieldNumber:
                    cause = reader.Number(0, int.MaxValue, "the cause of a removal");
                    break;
            }
        }

        sequence = Step(sequence, step, to, "the sequence of a removal");
        if (distance == 0 || distance >= sequence)
        {
            throw new WireFormatException("a removed dot is not below its removal");
        }

        return Enum.IsDefined((RemovalCause)cause)
            ? new Removal(sequence, sequence - distance, (RemovalCause)cause)
            : throw new WireFormatException("a removal of unknown cause");
    }

    private static ulong Step(ulong before, ulong step, ulong to, string what) =>
        step > 0 && step <= to - before ? before + step : throw new WireFormatException($"{what} does not rise, or is beyond its range");
}
