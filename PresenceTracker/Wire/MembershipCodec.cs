using System.Collections.Immutable;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using static PresenceTracker.Protocol.Membership.MembershipMessage;

namespace PresenceTracker.Wire;

/// <summary>The messages of the membership cores on the wire.</summary>
internal static class MembershipCodec
{
    public static IMessage Encode(MembershipEnvelope envelope)
    {
        var from = envelope.FromAddress;
        return envelope.Message switch
        {
            Hello or Welcome or Refused => HandshakeCodec.Encode(envelope.Message, from),
            Leaving leaving => new Schema.Leaving { From = from, Node = NamesCodec.Encode(leaving.Node) },
            RemovalNotice notice => new Schema.RemovalNotice
            {
                From = from,
                Node = NamesCodec.Encode(notice.Node),
                Refutation = notice.Refutation,
            },
            Ping or PingRequest or Ack or Nack or Announcement => ProbeCodec.Encode(envelope.Message, from),
            var unknown => throw new WireFormatException($"{unknown.GetType()} is not on the wire"),
        };
    }

    public static MembershipEnvelope DecodeLeaving(ReadOnlySpan<byte> message)
    {
        string? from = null;
        NodeId? node = null;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Leaving.FromFieldNumber:
                    from = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.Leaving.NodeFieldNumber:
                    node = NamesCodec.DecodeNode(reader.Bytes());
                    break;
            }
        }

        return new MembershipEnvelope(
            from ?? throw NamesCodec.Missing("a farewell", "sender"), new Leaving(node ?? throw NamesCodec.Missing("a farewell", "node")));
    }

    public static MembershipEnvelope DecodeRemovalNotice(ReadOnlySpan<byte> message)
    {
        string? from = null;
        NodeId? node = null;
        ulong refutation = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.RemovalNotice.FromFieldNumber:
                    from = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.RemovalNotice.NodeFieldNumber:
                    node = NamesCodec.DecodeNode(reader.Bytes());
                    break;
                case Schema.RemovalNotice.RefutationFieldNumber:
                    refutation = reader.Number();
                    break;
            }
        }

        return new MembershipEnvelope(
            from ?? throw NamesCodec.Missing("a notice", "sender"),
            new RemovalNotice(node ?? throw NamesCodec.Missing("a notice", "node"), refutation));
    }

    public static Schema.NodeRecord Encode(NodeRecord record)
    {
        var encoded = new Schema.NodeRecord { Node = NamesCodec.Encode(record.Node), Refutation = record.Refutation };
        foreach (var epoch in record.Epochs)
        {
            encoded.Epochs.Add(new Schema.ShardEpoch
            {
                Shard = (uint)epoch.Shard,
                Epoch = (uint)epoch.Epoch,
                CompleteAt = epoch.CompleteAt,
            });
        }

        return encoded;
    }

    public static NodeRecord DecodeRecord(ReadOnlySpan<byte> message)
    {
        NodeId? node = null;
        ulong refutation = 0;
        var epochs = ImmutableArray.CreateBuilder<ShardEpoch>();
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.NodeRecord.NodeFieldNumber:
                    node = NamesCodec.DecodeNode(reader.Bytes());
                    break;
                case Schema.NodeRecord.RefutationFieldNumber:
                    refutation = reader.Number();
                    break;
                case Schema.NodeRecord.EpochsFieldNumber:
                    epochs.Add(DecodeShardEpoch(reader.Element(), epochs.Count == 0 ? -1 : epochs[^1].Shard));
                    break;
            }
        }

        return new NodeRecord(node ?? throw NamesCodec.Missing("a record", "node"), refutation, epochs.DrainToImmutable());
    }

    // Rising shards are at most as many as there are shards.
    private static ShardEpoch DecodeShardEpoch(ReadOnlySpan<byte> message, int shardBefore)
    {
        var shard = 0;
        var epoch = 0;
        ulong completeAt = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.ShardEpoch.ShardFieldNumber:
                    shard = NamesCodec.DecodeShard(ref reader);
                    break;
                case Schema.ShardEpoch.EpochFieldNumber:
                    epoch = NamesCodec.DecodeEpoch(ref reader);
                    break;
                case Schema.ShardEpoch.CompleteAtFieldNumber:
                    completeAt = reader.Number();
                    break;
            }
        }

        return shard > shardBefore && epoch > 0
            ? new ShardEpoch(shard, epoch, completeAt)
            : throw new WireFormatException("shards do not rise, or one is in epoch 0");
    }
}
