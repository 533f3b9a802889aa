using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using static PresenceTracker.Protocol.Broadcast.BroadcastMessage;

namespace PresenceTracker.Wire;

/// <summary>The messages of the broadcast cores on the wire. Payloads go through as they are: see <see cref="PayloadCodec"/>.</summary>
internal static class BroadcastCodec
{
    public static IMessage Encode(BroadcastEnvelope envelope)
    {
        var sender = envelope.From;
        var from = NamesCodec.Encode(sender);
        switch (envelope.Message)
        {
            case Gossip gossip:
                return new Schema.Gossip
                {
                    From = from,
                    Id = Encode(gossip.Id, sender),
                    Hops = (uint)gossip.Hops,
                    Payload = UnsafeByteOperations.UnsafeWrap(gossip.Payload.AsMemory()),
                };
            case IHave have:
                var encoded = new Schema.IHave { From = from };
                encoded.Announcements.AddRange(have.Announcements.Select(announced =>
                    new Schema.BroadcastAnnouncement { Id = Encode(announced.Id, sender), Hops = (uint)announced.Hops }));
                return encoded;
            case Graft graft:
                var encodedGraft = new Schema.Graft { From = from };
                if (graft.Missing is { } missing) encodedGraft.Missing = Encode(missing, sender);
                return encodedGraft;
            case Prune:
                return new Schema.Prune { From = from };
            default:
                throw new WireFormatException($"{envelope.Message.GetType()} is not on the wire");
        }
    }

    public static BroadcastEnvelope DecodeGossip(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.Gossip.FromFieldNumber);
        BroadcastId? id = null;
        var hops = 0;
        ReadOnlySpan<byte> payload = default;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Gossip.IdFieldNumber:
                    id = DecodeId(reader.Bytes(), from);
                    break;
                case Schema.Gossip.HopsFieldNumber:
                    hops = DecodeHops(ref reader);
                    break;
                case Schema.Gossip.PayloadFieldNumber:
                    payload = reader.Bytes();
                    break;
            }
        }

        return new BroadcastEnvelope(
            from, new Gossip(id ?? throw NamesCodec.Missing("a broadcast", "id"), hops, ImmutableCollectionsMarshal.AsImmutableArray(payload.ToArray())));
    }

    public static BroadcastEnvelope DecodeIHave(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.IHave.FromFieldNumber);
        var announcements = ImmutableArray.CreateBuilder<Announcement>(
            FieldReader.CountOf(message, Schema.IHave.AnnouncementsFieldNumber, WireLimits.AnnouncementsMax));
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == Schema.IHave.AnnouncementsFieldNumber) announcements.Add(DecodeAnnouncement(reader.Element(), from));
        }

        return new BroadcastEnvelope(from, new IHave(announcements.DrainToImmutable()));
    }

    public static BroadcastEnvelope DecodeGraft(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.Graft.FromFieldNumber);
        BroadcastId? missing = null;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == Schema.Graft.MissingFieldNumber) missing = DecodeId(reader.Bytes(), from);
        }

        return new BroadcastEnvelope(from, new Graft(missing));
    }

    public static BroadcastEnvelope DecodePrune(ReadOnlySpan<byte> message) =>
        new(GossipCodec.DecodeFrom(message, Schema.Prune.FromFieldNumber), new Prune());

    private static Schema.BroadcastId Encode(BroadcastId id, NodeId sender) => new()
    {
        Origin = id.Origin == sender ? null : NamesCodec.Encode(id.Origin),
        Sequence = id.Sequence,
    };

    private static Announcement DecodeAnnouncement(ReadOnlySpan<byte> message, NodeId sender)
    {
        BroadcastId? id = null;
        var hops = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.BroadcastAnnouncement.IdFieldNumber:
                    id = DecodeId(reader.Bytes(), sender);
                    break;
                case Schema.BroadcastAnnouncement.HopsFieldNumber:
                    hops = DecodeHops(ref reader);
                    break;
            }
        }

        return new Announcement(id ?? throw NamesCodec.Missing("an announcement", "id"), hops);
    }

    private static BroadcastId DecodeId(ReadOnlySpan<byte> message, NodeId sender)
    {
        var origin = sender;
        ulong sequence = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.BroadcastId.OriginFieldNumber:
                    origin = NamesCodec.DecodeNode(reader.Bytes());
                    break;
                case Schema.BroadcastId.SequenceFieldNumber:
                    sequence = reader.Number();
                    break;
            }
        }

        return new BroadcastId(origin, sequence);
    }

    private static int DecodeHops(ref FieldReader reader) => reader.Number(0, WireLimits.HopsMax, "the hops of a broadcast");
}
