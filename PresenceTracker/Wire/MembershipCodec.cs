using System.Collections.Immutable;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using static PresenceTracker.Protocol.Membership.MembershipMessage;

namespace PresenceTracker.Wire;

/// <summary>The messages of the membership cores on the wire.</summary>
internal static class MembershipCodec
{
    // Beside its address, as a sender counts a member.
    private const int NodeBytes = 32;

    public static IMessage Encode(MembershipEnvelope envelope)
    {
        var from = envelope.FromAddress;
        return envelope.Message switch
        {
            Hello hello => new Schema.Hello
            {
                From = from,
                Self = Encode(hello.Self),
                Target = hello.Target,
                ProtocolVersion = hello.ProtocolVersion,
                ClusterName = hello.ClusterName,
                ShardCount = (uint)hello.ShardCount,
            },
            Welcome welcome => Encode(welcome, from),
            Refused refused => new Schema.Refused
            {
                From = from,
                Setting = refused.Setting,
                Expected = refused.Expected,
                Received = refused.Received,
            },
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

    public static MembershipEnvelope DecodeHello(ReadOnlySpan<byte> message)
    {
        string? from = null;
        NodeRecord? self = null;
        string? target = null;
        ulong version = 0;
        var cluster = "";
        var shards = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Hello.FromFieldNumber:
                    from = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.Hello.SelfFieldNumber:
                    self = DecodeRecord(reader.Bytes());
                    break;
                case Schema.Hello.TargetFieldNumber:
                    target = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.Hello.ProtocolVersionFieldNumber:
                    version = reader.Number();
                    break;
                case Schema.Hello.ClusterNameFieldNumber:
                    cluster = reader.Text(WireLimits.ClusterNameBytesMax, "a cluster name");
                    break;
                case Schema.Hello.ShardCountFieldNumber:
                    // What does not fit is refused by the core, which says so to the joiner.
                    shards = reader.Number(0, int.MaxValue, "a shard count");
                    break;
            }
        }

        return new MembershipEnvelope(
            from ?? throw NamesCodec.Missing("a greeting", "sender"),
            new Hello(
                self ?? throw NamesCodec.Missing("a greeting", "record"),
                target ?? throw NamesCodec.Missing("a greeting", "target"),
                version <= uint.MaxValue ? (uint)version : throw new WireFormatException("a protocol version beyond 32 bits"),
                cluster,
                shards));
    }

    public static MembershipEnvelope DecodeWelcome(ReadOnlySpan<byte> message)
    {
        string? from = null;
        NodeRecord? self = null;
        string? target = null;
        var count = FieldReader.CountOf(message, Schema.Welcome.MembersFieldNumber, WireLimits.NodesMax);
        var members = ImmutableArray.CreateBuilder<NodeId>(count);
        var memberBytes = count * NodeBytes;
        ulong knownCounter = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Welcome.FromFieldNumber:
                    from = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.Welcome.SelfFieldNumber:
                    self = DecodeRecord(reader.Bytes());
                    break;
                case Schema.Welcome.TargetFieldNumber:
                    target = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.Welcome.MembersFieldNumber:
                    var member = NamesCodec.DecodeNode(reader.Element());
                    memberBytes += member.Address.Length;

                    // What no sender puts into one message is refused before twice as much is built of it.
                    members.Add(memberBytes <= WireLimits.MembersBytesMax
                        ? member
                        : throw new WireFormatException($"a welcome with more than {WireLimits.MembersBytesMax} bytes of members"));
                    break;
                case Schema.Welcome.KnownCounterFieldNumber:
                    knownCounter = reader.Number();
                    break;
            }
        }

        return new MembershipEnvelope(
            from ?? throw NamesCodec.Missing("a welcome", "sender"),
            new Welcome(
                self ?? throw NamesCodec.Missing("a welcome", "record"),
                target ?? throw NamesCodec.Missing("a welcome", "target"),
                members.MoveToImmutable(),
                knownCounter));
    }

    public static MembershipEnvelope DecodeRefused(ReadOnlySpan<byte> message)
    {
        string? from = null;
        var setting = "";
        var expected = "";
        var received = "";
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Refused.FromFieldNumber:
                    from = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.Refused.SettingFieldNumber:
                    setting = reader.Text(WireLimits.SettingBytesMax, "the name of a setting");
                    break;
                case Schema.Refused.ExpectedFieldNumber:
                    expected = reader.Text(WireLimits.SettingBytesMax, "an expected value");
                    break;
                case Schema.Refused.ReceivedFieldNumber:
                    received = reader.Text(WireLimits.SettingBytesMax, "a received value");
                    break;
            }
        }

        return new MembershipEnvelope(from ?? throw NamesCodec.Missing("a refusal", "sender"), new Refused(setting, expected, received));
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

    private static Schema.Welcome Encode(Welcome welcome, string from)
    {
        var encoded = new Schema.Welcome
        {
            From = from,
            Self = Encode(welcome.Self),
            Target = welcome.Target,
            KnownCounter = welcome.KnownCounter,
        };
        encoded.Members.AddRange(welcome.Members.Select(NamesCodec.Encode));
        return encoded;
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
