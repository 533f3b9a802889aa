using System.Collections.Immutable;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using static PresenceTracker.Protocol.Membership.MembershipMessage;

namespace PresenceTracker.Wire;

/// <summary>The messages by which two nodes get to know each other.</summary>
internal static class HandshakeCodec
{
    // Beside its address, as a sender counts a member.
    private const int NodeBytes = 32;

    public static IMessage Encode(MembershipMessage message, string from) => message switch
    {
        Hello hello => Encode(hello, from),
        Welcome welcome => Encode(welcome, from),
        Refused refused => new Schema.Refused
        {
            From = from,
            Setting = refused.Setting,
            Expected = refused.Expected,
            Received = refused.Received,
        },
        _ => throw new WireFormatException($"{message.GetType()} is not on the wire"),
    };

    public static MembershipEnvelope DecodeHello(ReadOnlySpan<byte> message)
    {
        string? from = null;
        NodeRecord? self = null;
        string? target = null;
        ulong version = 0;
        var cluster = "";
        var shards = 0;
        ImmutableArray<byte> proof = default;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Hello.FromFieldNumber:
                    from = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.Hello.SelfFieldNumber:
                    self = MembershipCodec.DecodeRecord(reader.Bytes());
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
                case Schema.Hello.ProofFieldNumber:
                    proof = DecodeProof(ref reader);
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
                shards,
                proof));
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
        ImmutableArray<byte> proof = default;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Welcome.FromFieldNumber:
                    from = NamesCodec.DecodeAddress(ref reader);
                    break;
                case Schema.Welcome.SelfFieldNumber:
                    self = MembershipCodec.DecodeRecord(reader.Bytes());
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
                case Schema.Welcome.ProofFieldNumber:
                    proof = DecodeProof(ref reader);
                    break;
            }
        }

        return new MembershipEnvelope(
            from ?? throw NamesCodec.Missing("a welcome", "sender"),
            new Welcome(
                self ?? throw NamesCodec.Missing("a welcome", "record"),
                target ?? throw NamesCodec.Missing("a welcome", "target"),
                members.MoveToImmutable(),
                knownCounter,
                proof));
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

    private static Schema.Hello Encode(Hello hello, string from)
    {
        var encoded = new Schema.Hello
        {
            From = from,
            Self = MembershipCodec.Encode(hello.Self),
            Target = hello.Target,
            ProtocolVersion = hello.ProtocolVersion,
            ClusterName = hello.ClusterName,
            ShardCount = (uint)hello.ShardCount,
        };
        if (!hello.Proof.IsDefaultOrEmpty)
        {
            encoded.Proof = ByteString.CopyFrom(hello.Proof.AsSpan());
        }

        return encoded;
    }

    private static ImmutableArray<byte> DecodeProof(ref FieldReader reader) =>
        reader.Bytes() is { Length: SharedToken.ProofBytes } proof
            ? [.. proof]
            : throw new WireFormatException($"a proof does not have {SharedToken.ProofBytes} bytes");

    private static Schema.Welcome Encode(Welcome welcome, string from)
    {
        var encoded = new Schema.Welcome
        {
            From = from,
            Self = MembershipCodec.Encode(welcome.Self),
            Target = welcome.Target,
            KnownCounter = welcome.KnownCounter,
        };
        encoded.Members.AddRange(welcome.Members.Select(NamesCodec.Encode));
        if (!welcome.Proof.IsDefaultOrEmpty)
        {
            encoded.Proof = ByteString.CopyFrom(welcome.Proof.AsSpan());
        }

        return encoded;
    }
}
