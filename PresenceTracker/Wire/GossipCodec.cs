using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using static PresenceTracker.Protocol.Gossip.GossipMessage;

namespace PresenceTracker.Wire;

/// <summary>The messages of the gossip cores on the wire, but for digests with lists: see <see cref="DigestCodec"/>.</summary>
internal static class GossipCodec
{
    public static IMessage Encode(GossipEnvelope envelope)
    {
        var from = NamesCodec.Encode(envelope.From);
        return envelope.Message switch
        {
            Push push => new Schema.Push
            {
                From = from,
                Number = push.Number,
                Replica = NamesCodec.Encode(push.Dots.Replica, envelope.From),
                Dots = DotsCodec.Encode(push.Dots),
            },
            PushAck ack => new Schema.PushAck { From = from, Number = ack.Number },
            DigestRoot root => new Schema.DigestRoot { From = from, Root = root.Root, LastPush = root.LastPush, Synced = root.Synced },
            DigestEqual equal => new Schema.DigestEqual { From = from, Synced = equal.Synced },
            DigestBuckets buckets => DigestCodec.Encode(buckets, from),
            DigestContexts contexts => DigestCodec.Encode(contexts, from, envelope.From),
            Pull pull => new Schema.Pull
            {
                From = from,
                Token = pull.Token,
                Replica = NamesCodec.Encode(pull.Replica, envelope.From),
                Context = pull.Position.Context,
                CoveredTo = pull.Position.CoveredTo,
                CoveredAsOf = pull.Position.CoveredAsOf,
            },
            PullReply reply => Encode(reply, from, envelope.From),
            var unknown => throw new WireFormatException($"{unknown.GetType()} is not on the wire"),
        };
    }

    public static GossipEnvelope DecodePush(ReadOnlySpan<byte> message)
    {
        var from = DecodeFrom(message, Schema.Push.FromFieldNumber);
        ulong number = 0;
        ReplicaId? replica = null;
        ReadOnlySpan<byte> dots = default;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Push.NumberFieldNumber:
                    number = reader.Number();
                    break;
                case Schema.Push.ReplicaFieldNumber:
                    replica = NamesCodec.DecodeReplica(reader.Bytes(), from);
                    break;
                case Schema.Push.DotsFieldNumber:
                    dots = reader.Bytes();
                    break;
            }
        }

        if (number == 0)
        {
            throw NamesCodec.Missing("a push", "number");
        }

        return new GossipEnvelope(from, new Push(number, DotsCodec.Decode(dots, replica ?? throw NamesCodec.Missing("a push", "replica"))));
    }

    public static GossipEnvelope DecodePushAck(ReadOnlySpan<byte> message)
    {
        var from = DecodeFrom(message, Schema.PushAck.FromFieldNumber);
        ulong number = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == Schema.PushAck.NumberFieldNumber)
            {
                number = reader.Number();
            }
        }

        return new GossipEnvelope(from, new PushAck(number));
    }

    public static GossipEnvelope DecodeDigestRoot(ReadOnlySpan<byte> message)
    {
        var from = DecodeFrom(message, Schema.DigestRoot.FromFieldNumber);
        ulong root = 0;
        ulong lastPush = 0;
        var synced = false;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.DigestRoot.RootFieldNumber:
                    root = reader.Fixed64();
                    break;
                case Schema.DigestRoot.LastPushFieldNumber:
                    lastPush = reader.Number();
                    break;
                case Schema.DigestRoot.SyncedFieldNumber:
                    synced = reader.Flag();
                    break;
            }
        }

        return new GossipEnvelope(from, new DigestRoot(root, lastPush, synced));
    }

    public static GossipEnvelope DecodeDigestEqual(ReadOnlySpan<byte> message)
    {
        var from = DecodeFrom(message, Schema.DigestEqual.FromFieldNumber);
        var synced = false;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == Schema.DigestEqual.SyncedFieldNumber)
            {
                synced = reader.Flag();
            }
        }

        return new GossipEnvelope(from, new DigestEqual(synced));
    }

    public static GossipEnvelope DecodePull(ReadOnlySpan<byte> message)
    {
        var from = DecodeFrom(message, Schema.Pull.FromFieldNumber);
        ulong token = 0;
        ReplicaId? replica = null;
        ulong context = 0;
        ulong coveredTo = 0;
        ulong coveredAsOf = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Pull.TokenFieldNumber:
                    token = reader.Number();
                    break;
                case Schema.Pull.ReplicaFieldNumber:
                    replica = NamesCodec.DecodeReplica(reader.Bytes(), from);
                    break;
                case Schema.Pull.ContextFieldNumber:
                    context = reader.Number();
                    break;
                case Schema.Pull.CoveredToFieldNumber:
                    coveredTo = reader.Number();
                    break;
                case Schema.Pull.CoveredAsOfFieldNumber:
                    coveredAsOf = reader.Number();
                    break;
            }
        }

        var position = new PullPosition(context, coveredTo, coveredAsOf);
        return new GossipEnvelope(from, new Pull(token, replica ?? throw NamesCodec.Missing("a pull", "replica"), position));
    }

    public static GossipEnvelope DecodePullReply(ReadOnlySpan<byte> message)
    {
        var from = DecodeFrom(message, Schema.PullReply.FromFieldNumber);
        ulong token = 0;
        ReplicaId? replica = null;
        ReadOnlySpan<byte> dots = default;
        var hasDots = false;
        var last = false;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.PullReply.TokenFieldNumber:
                    token = reader.Number();
                    break;
                case Schema.PullReply.ReplicaFieldNumber:
                    replica = NamesCodec.DecodeReplica(reader.Bytes(), from);
                    break;
                case Schema.PullReply.DotsFieldNumber:
                    dots = reader.Bytes();
                    hasDots = true;
                    break;
                case Schema.PullReply.LastFieldNumber:
                    last = reader.Flag();
                    break;
            }
        }

        var known = replica ?? throw NamesCodec.Missing("the answer to a pull", "replica");
        return new GossipEnvelope(from, new PullReply(token, known, hasDots ? DotsCodec.Decode(dots, known) : null, last));
    }

    /// <summary>The sender comes first on the wire, but no reader may count on an order of fields.</summary>
    public static NodeId DecodeFrom(ReadOnlySpan<byte> message, int field)
    {
        NodeId? from = null;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == field)
            {
                from = NamesCodec.DecodeNode(reader.Bytes());
                break;
            }
        }

        return from ?? throw NamesCodec.Missing("a message", "sender");
    }

    private static Schema.PullReply Encode(PullReply reply, Schema.Node from, NodeId sender)
    {
        var encoded = new Schema.PullReply
        {
            From = from,
            Token = reply.Token,
            Replica = NamesCodec.Encode(reply.Replica, sender),
            Last = reply.Last,
        };
        if (reply.Dots is { } dots)
        {
            encoded.Dots = DotsCodec.Encode(dots);
        }

        return encoded;
    }
}
