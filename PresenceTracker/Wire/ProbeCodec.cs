using System.Collections.Immutable;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using static PresenceTracker.Protocol.Membership.MembershipMessage;

namespace PresenceTracker.Wire;

/// <summary>The messages of the failure detector on the wire. In all of them the same field has the same number.</summary>
internal static class ProbeCodec
{
    public static IMessage Encode(MembershipMessage message, string from)
    {
        switch (message)
        {
            case Ping ping:
                var encodedPing = new Schema.Ping { From = from, Self = MembershipCodec.Encode(ping.Self), Token = ping.Token };
                encodedPing.Updates.AddRange(ping.Updates.Select(Encode));
                if (ping.Root is { } pingRoot) encodedPing.Root = pingRoot;
                return encodedPing;
            case PingRequest request:
                var encodedRequest = new Schema.PingRequest
                {
                    From = from,
                    Self = MembershipCodec.Encode(request.Self),
                    Token = request.Token,
                    Target = NamesCodec.Encode(request.Target),
                };
                encodedRequest.Updates.AddRange(request.Updates.Select(Encode));
                return encodedRequest;
            case Ack ack:
                var encodedAck = new Schema.Ack { From = from, Self = MembershipCodec.Encode(ack.Self), Token = ack.Token };
                encodedAck.Updates.AddRange(ack.Updates.Select(Encode));
                if (ack.Root is { } ackRoot) encodedAck.Root = ackRoot;
                if (!ack.Neighbors.IsDefault) encodedAck.Neighbors.AddRange(ack.Neighbors);
                return encodedAck;
            case Nack nack:
                var encodedNack = new Schema.Nack { From = from, Self = MembershipCodec.Encode(nack.Self), Token = nack.Token };
                encodedNack.Updates.AddRange(nack.Updates.Select(Encode));
                return encodedNack;
            case Announcement announcement:
                var encoded = new Schema.Announcement { From = from, Self = MembershipCodec.Encode(announcement.Self) };
                encoded.Updates.AddRange(announcement.Updates.Select(Encode));
                return encoded;
            default:
                throw new WireFormatException($"{message.GetType()} is no message of the failure detector");
        }
    }

    public static MembershipEnvelope DecodePing(ReadOnlySpan<byte> message)
    {
        var read = Read(message, "a ping");
        return new MembershipEnvelope(read.From, new Ping(read.Token, read.Self, read.Updates, read.Root));
    }

    public static MembershipEnvelope DecodePingRequest(ReadOnlySpan<byte> message)
    {
        var read = Read(message, "a ping request");
        return new MembershipEnvelope(
            read.From,
            new PingRequest(read.Token, read.Self, read.Target ?? throw NamesCodec.Missing("a ping request", "target"), read.Updates));
    }

    public static MembershipEnvelope DecodeAck(ReadOnlySpan<byte> message)
    {
        var read = Read(message, "an ack");
        return new MembershipEnvelope(read.From, new Ack(read.Token, read.Self, read.Updates, read.Root, read.Neighbors));
    }

    public static MembershipEnvelope DecodeNack(ReadOnlySpan<byte> message)
    {
        var read = Read(message, "a nack");
        return new MembershipEnvelope(read.From, new Nack(read.Token, read.Self, read.Updates));
    }

    public static MembershipEnvelope DecodeAnnouncement(ReadOnlySpan<byte> message)
    {
        var read = Read(message, "an announcement");
        return new MembershipEnvelope(read.From, new Announcement(read.Self, read.Updates));
    }

    private static Fields Read(ReadOnlySpan<byte> message, string what)
    {
        string? from = null;
        NodeRecord? self = null;
        NodeId? target = null;
        ulong token = 0;
        ulong? root = null;
        var updates = ImmutableArray.CreateBuilder<MemberUpdate>(0);
        var neighbors = ImmutableArray.CreateBuilder<string>(0);
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.PingRequest.FromFieldNumber:
                    from = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.PingRequest.SelfFieldNumber:
                    self = MembershipCodec.DecodeRecord(reader.Bytes());
                    break;
                case Schema.PingRequest.UpdatesFieldNumber:
                    updates.Add(updates.Count < WireLimits.UpdatesMax
                        ? DecodeUpdate(reader.Element())
                        : throw new WireFormatException($"{what} with more than {WireLimits.UpdatesMax} updates"));
                    break;
                case Schema.PingRequest.TokenFieldNumber:
                    token = reader.Number();
                    break;
                case Schema.PingRequest.TargetFieldNumber:
                    target = NamesCodec.DecodeNode(reader.Bytes());
                    break;
                case Schema.Ping.RootFieldNumber:
                    root = reader.Fixed64();
                    break;
                case Schema.Ack.NeighborsFieldNumber:
                    neighbors.Add(neighbors.Count < WireLimits.NeighborsMax
                        ? NamesCodec.DecodeAddressElement(ref reader)
                        : throw new WireFormatException($"{what} with more than {WireLimits.NeighborsMax} neighbours"));
                    break;
            }
        }

        return new Fields(
            from ?? throw NamesCodec.Missing(what, "sender"),
            self ?? throw NamesCodec.Missing(what, "record"),
            updates.DrainToImmutable(),
            token,
            target,
            root,
            neighbors.DrainToImmutable());
    }

    private static Schema.MemberUpdate Encode(MemberUpdate update)
    {
        var encoded = new Schema.MemberUpdate
        {
            Node = NamesCodec.Encode(update.Node),
            Refutation = update.Refutation,
            Kind = (uint)update.Kind,
        };
        if (update.Accuser is not null) encoded.Accuser = update.Accuser;
        return encoded;
    }

    private static MemberUpdate DecodeUpdate(ReadOnlySpan<byte> message)
    {
        NodeId? node = null;
        ulong refutation = 0;
        var kind = UpdateKind.Alive;
        string? accuser = null;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.MemberUpdate.NodeFieldNumber:
                    node = NamesCodec.DecodeNode(reader.Bytes());
                    break;
                case Schema.MemberUpdate.RefutationFieldNumber:
                    refutation = reader.Number();
                    break;
                case Schema.MemberUpdate.KindFieldNumber:
                    kind = (UpdateKind)reader.Number((int)UpdateKind.Alive, (int)UpdateKind.Left, "the kind of an update");
                    break;
                case Schema.MemberUpdate.AccuserFieldNumber:
                    accuser = NamesCodec.DecodeAddress(ref reader);
                    break;
            }
        }

        return (kind == UpdateKind.Suspect) == (accuser is not null)
            ? new MemberUpdate(node ?? throw NamesCodec.Missing("an update", "node"), refutation, kind, accuser)
            : throw new WireFormatException($"an update of kind {kind} {(accuser is null ? "without" : "with")} an accuser");
    }

    private readonly record struct Fields(
        string From, NodeRecord Self, ImmutableArray<MemberUpdate> Updates, ulong Token, NodeId? Target, ulong? Root, ImmutableArray<string> Neighbors);
}
