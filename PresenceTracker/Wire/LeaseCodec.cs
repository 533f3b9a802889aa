using System.Collections.Immutable;
using Google.Protobuf;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using static PresenceTracker.Protocol.Leases.LeaseMessage;

namespace PresenceTracker.Wire;

/// <summary>The messages of the lease cores on the wire.</summary>
internal static class LeaseCodec
{
    public static IMessage Encode(LeaseEnvelope envelope)
    {
        var from = NamesCodec.Encode(envelope.From);
        return envelope.Message switch
        {
            LeaseRequest request => new Schema.LeaseRequest { From = from, Token = request.Token, Calls = { request.Calls.Select(Encode) } },
            LeaseAnswer answer => new Schema.LeaseAnswer
            {
                From = from,
                Token = answer.Token,
                Results = { answer.Results.Select(Encode) },
                Clock = (ulong)answer.Clock.Ticks,
            },
            var unknown => throw new WireFormatException($"{unknown.GetType()} is not on the wire"),
        };
    }

    public static LeaseEnvelope DecodeRequest(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.LeaseRequest.FromFieldNumber);
        ulong token = 0;
        var calls = ImmutableArray.CreateBuilder<LeaseCall>(
            FieldReader.CountOf(message, Schema.LeaseRequest.CallsFieldNumber, WireLimits.LeaseCallsMax));
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.LeaseRequest.TokenFieldNumber:
                    token = reader.Number();
                    break;
                case Schema.LeaseRequest.CallsFieldNumber:
                    calls.Add(DecodeCall(reader.Element()));
                    break;
            }
        }

        return new LeaseEnvelope(from, new LeaseRequest(token, calls.MoveToImmutable()));
    }

    public static LeaseEnvelope DecodeAnswer(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.LeaseAnswer.FromFieldNumber);
        ulong token = 0;
        MonotonicTime clock = default;
        var results = ImmutableArray.CreateBuilder<TrackResult>(
            FieldReader.CountOf(message, Schema.LeaseAnswer.ResultsFieldNumber, WireLimits.LeaseCallsMax));
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.LeaseAnswer.TokenFieldNumber:
                    token = reader.Number();
                    break;
                case Schema.LeaseAnswer.ResultsFieldNumber:
                    results.Add(DecodeResult(reader.Element()));
                    break;
                case Schema.LeaseAnswer.ClockFieldNumber:
                    clock = DecodeTime(reader.Number());
                    break;
            }
        }

        return new LeaseEnvelope(from, new LeaseAnswer(token, results.MoveToImmutable(), clock));
    }

    private static Schema.LeaseCall Encode(LeaseCall call)
    {
        var encoded = new Schema.LeaseCall
        {
            Topic = call.Id.Topic,
            Key = call.Id.Key,
            Owner = call.Id.Owner,
            // Upwards: a lease of 1 s and a bit stays within its limits.
            DurationMs = (uint)Math.Ceiling(call.Duration.TotalMilliseconds),
        };
        if (call.Meta is { } meta)
        {
            encoded.Meta = UnsafeByteOperations.UnsafeWrap(meta.Utf8);
        }

        if (call.UnrenewedSince is { } since)
        {
            encoded.UnrenewedSince = (ulong)since.Ticks;
        }

        return encoded;
    }

    private static Schema.LeaseResult Encode(TrackResult result) => new() { Status = (uint)result.Status, Ref = result.Ref ?? "" };

    private static LeaseCall DecodeCall(ReadOnlySpan<byte> message)
    {
        var topic = "";
        var key = "";
        var owner = "";
        var duration = 0;
        Meta? meta = null;
        MonotonicTime? since = null;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.LeaseCall.TopicFieldNumber:
                    topic = reader.Text(WireLimits.TopicBytesMax, "a topic");
                    break;
                case Schema.LeaseCall.KeyFieldNumber:
                    key = reader.Text(WireLimits.KeyBytesMax, "a key");
                    break;
                case Schema.LeaseCall.OwnerFieldNumber:
                    owner = reader.Text(WireLimits.OwnerBytesMax, "an owner");
                    break;
                case Schema.LeaseCall.DurationMsFieldNumber:
                    duration = reader.Number(
                        0, (int)Owner.LeaseOwner.DurationMax.TotalMilliseconds, "the duration of a lease in ms");
                    break;
                case Schema.LeaseCall.MetaFieldNumber:
                    meta = DotsCodec.DecodeMeta(reader.Bytes());
                    break;
                case Schema.LeaseCall.UnrenewedSinceFieldNumber:
                    since = DecodeTime(reader.Number());
                    break;
            }
        }

        // What hangs on an actor or a connection is nobody else's to end.
        if (!Owner.LeaseOwner.IsId(owner))
        {
            throw new WireFormatException("a call about what is no lease");
        }

        return duration == 0 || duration >= (int)Owner.LeaseOwner.DurationMin.TotalMilliseconds
            ? new LeaseCall(NamesCodec.IdOf("a call", topic, key, owner), TimeSpan.FromMilliseconds(duration), meta, since)
            : throw new WireFormatException("the duration of a lease is below its minimum");
    }

    private static MonotonicTime DecodeTime(ulong ticks) =>
        ticks <= long.MaxValue ? new MonotonicTime((long)ticks) : throw new WireFormatException("a time beyond the end of its clock");

    private static TrackResult DecodeResult(ReadOnlySpan<byte> message)
    {
        var status = 0;
        var @ref = "";
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.LeaseResult.StatusFieldNumber:
                    status = reader.Number(0, int.MaxValue, "a status");
                    break;
                case Schema.LeaseResult.RefFieldNumber:
                    @ref = reader.Text(WireLimits.RefBytesMax, "a ref");
                    break;
            }
        }

        return Enum.IsDefined((TrackStatus)status)
            ? new TrackResult((TrackStatus)status, @ref.Length > 0 ? @ref : null)
            : throw new WireFormatException("a result of unknown status");
    }
}
