using System.Collections.Immutable;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;
using static PresenceTracker.Protocol.Overlay.OverlayMessage;

namespace PresenceTracker.Wire;

/// <summary>The messages of the overlay cores on the wire.</summary>
internal static class OverlayCodec
{
    // Far more hops than any walk begins with; the core knows the exact bound.
    private const int HopsMax = WireLimits.HopsMax;

    public static IMessage Encode(OverlayEnvelope envelope)
    {
        var from = NamesCodec.Encode(envelope.From);
        switch (envelope.Message)
        {
            case Join join:
                return new Schema.Join { From = from, Token = join.Token };
            case ForwardJoin walk:
                return new Schema.ForwardJoin { From = from, Newcomer = NamesCodec.Encode(walk.Newcomer), HopsLeft = (uint)walk.HopsLeft };
            case NeighborRequest request:
                return new Schema.NeighborRequest { From = from, Token = request.Token, Priority = (uint)request.Priority };
            case NeighborReply reply:
                return new Schema.NeighborReply { From = from, Token = reply.Token, Granted = reply.IsGranted };
            case Disconnect:
                return new Schema.Disconnect { From = from };
            case KeepLink:
                return new Schema.KeepLink { From = from };
            case Shuffle shuffle:
                var encoded = new Schema.Shuffle { From = from, Token = shuffle.Token, HopsLeft = (uint)shuffle.HopsLeft };
                if (shuffle.Origin != envelope.From) encoded.Origin = NamesCodec.Encode(shuffle.Origin);
                encoded.Nodes.AddRange(shuffle.Nodes.Select(NamesCodec.Encode));
                return encoded;
            case ShuffleReply reply:
                var encodedReply = new Schema.ShuffleReply { From = from, Token = reply.Token };
                encodedReply.Nodes.AddRange(reply.Nodes.Select(NamesCodec.Encode));
                return encodedReply;
            default:
                throw new WireFormatException($"{envelope.Message.GetType()} is not on the wire");
        }
    }

    public static OverlayEnvelope DecodeJoin(ReadOnlySpan<byte> message)
    {
        var (from, token, _) = DecodeTokened(message);
        return new OverlayEnvelope(from, new Join(token));
    }

    public static OverlayEnvelope DecodeForwardJoin(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.ForwardJoin.FromFieldNumber);
        NodeId? newcomer = null;
        var hopsLeft = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.ForwardJoin.NewcomerFieldNumber:
                    newcomer = NamesCodec.DecodeNode(reader.Bytes());
                    break;
                case Schema.ForwardJoin.HopsLeftFieldNumber:
                    hopsLeft = reader.Number(0, HopsMax, "the hops of a walk");
                    break;
            }
        }

        return new OverlayEnvelope(from, new ForwardJoin(newcomer ?? throw NamesCodec.Missing("a walk", "newcomer"), hopsLeft));
    }

    public static OverlayEnvelope DecodeNeighborRequest(ReadOnlySpan<byte> message)
    {
        var (from, token, priority) = DecodeTokened(message);
        return priority <= (int)NeighborPriority.High
            ? new OverlayEnvelope(from, new NeighborRequest(token, (NeighborPriority)priority))
            : throw new WireFormatException($"a request of priority {priority}");
    }

    public static OverlayEnvelope DecodeNeighborReply(ReadOnlySpan<byte> message)
    {
        var (from, token, granted) = DecodeTokened(message);
        return new OverlayEnvelope(from, new NeighborReply(token, granted != 0));
    }

    public static OverlayEnvelope DecodeDisconnect(ReadOnlySpan<byte> message) =>
        new(GossipCodec.DecodeFrom(message, Schema.Disconnect.FromFieldNumber), new Disconnect());

    public static OverlayEnvelope DecodeKeepLink(ReadOnlySpan<byte> message) =>
        new(GossipCodec.DecodeFrom(message, Schema.KeepLink.FromFieldNumber), new KeepLink());

    public static OverlayEnvelope DecodeShuffle(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.Shuffle.FromFieldNumber);
        var origin = from;
        ulong token = 0;
        var hopsLeft = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Shuffle.OriginFieldNumber:
                    origin = NamesCodec.DecodeNode(reader.Bytes());
                    break;
                case Schema.Shuffle.TokenFieldNumber:
                    token = reader.Number();
                    break;
                case Schema.Shuffle.HopsLeftFieldNumber:
                    hopsLeft = reader.Number(0, HopsMax, "the hops of a walk");
                    break;
            }
        }

        return new OverlayEnvelope(from, new Shuffle(origin, token, hopsLeft, DecodeNodes(message, Schema.Shuffle.NodesFieldNumber)));
    }

    public static OverlayEnvelope DecodeShuffleReply(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.ShuffleReply.FromFieldNumber);
        ulong token = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == Schema.ShuffleReply.TokenFieldNumber) token = reader.Number();
        }

        return new OverlayEnvelope(from, new ShuffleReply(token, DecodeNodes(message, Schema.ShuffleReply.NodesFieldNumber)));
    }

    /// <summary>A message of a token and at most one small number, which have the same numbers of fields in all of these.</summary>
    private static (NodeId From, ulong Token, ulong Number) DecodeTokened(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.NeighborRequest.FromFieldNumber);
        ulong token = 0;
        ulong number = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.NeighborRequest.TokenFieldNumber:
                    token = reader.Number();
                    break;
                case Schema.NeighborRequest.PriorityFieldNumber:
                    number = reader.Number();
                    break;
            }
        }

        return (from, token, number);
    }

    private static ImmutableArray<NodeId> DecodeNodes(ReadOnlySpan<byte> message, int field)
    {
        var nodes = ImmutableArray.CreateBuilder<NodeId>(FieldReader.CountOf(message, field, WireLimits.ShuffledNodesMax));
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == field) nodes.Add(NamesCodec.DecodeNode(reader.Element()));
        }

        return nodes.DrainToImmutable();
    }
}
