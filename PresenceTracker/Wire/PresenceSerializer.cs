using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Google.Protobuf;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Wire;

/// <summary>
/// The only serializer between nodes. What it builds is on a closed list, whatever a peer writes; what is not on it, too long or not as
/// the schema says is a <see cref="WireFormatException"/>, for which Akka.Remote drops that one message and keeps the connection.
/// </summary>
internal sealed class PresenceSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>On the wire, so it never changes. Akka keeps 0 to 40 for itself.</summary>
    public const int Number = 4053;

    private static readonly FrozenDictionary<string, Kind> ByManifest;
    private static readonly FrozenDictionary<Type, string> Manifests;

    private const string Setting = "akka.actor.serializers.presence";

    private static readonly Config Registration = ConfigurationFactory.ParseString(string.Join('\n', [
        $"{Setting} = \"{NameOf(typeof(PresenceSerializer))}\"",
        .. new[] { typeof(GossipEnvelope), typeof(MembershipEnvelope), typeof(LeaseEnvelope), typeof(OverlayEnvelope), typeof(BroadcastEnvelope) }
            .Select(type => $"akka.actor.serialization-bindings {{ \"{NameOf(type)}\" = presence }}"),
    ]));

    // There may be several of these in the life of a system, and one count.
    private static readonly ConditionalWeakTable<ExtendedActorSystem, StrongBox<long>> RefusedIn = [];

    private readonly StrongBox<long> _refused = RefusedIn.GetValue(system, _ => new StrongBox<long>());

    static PresenceSerializer()
    {
        ByManifest = Kinds.ToFrozenDictionary(kind => kind.Manifest, StringComparer.Ordinal);
        Manifests = Kinds.ToFrozenDictionary(kind => kind.Message, kind => kind.Manifest);
    }

    internal delegate Envelope Decoder(ReadOnlySpan<byte> message);

    /// <summary>The closed list.</summary>
    internal static ImmutableArray<Kind> Kinds { get; } =
    [
        new("gp", typeof(GossipMessage.Push), GossipCodec.DecodePush),
        new("ga", typeof(GossipMessage.PushAck), GossipCodec.DecodePushAck),
        new("gr", typeof(GossipMessage.DigestRoot), GossipCodec.DecodeDigestRoot),
        new("ge", typeof(GossipMessage.DigestEqual), GossipCodec.DecodeDigestEqual),
        new("gb", typeof(GossipMessage.DigestBuckets), DigestCodec.DecodeBuckets),
        new("gc", typeof(GossipMessage.DigestContexts), DigestCodec.DecodeContexts),
        new("gq", typeof(GossipMessage.Pull), GossipCodec.DecodePull),
        new("gd", typeof(GossipMessage.PullReply), GossipCodec.DecodePullReply),
        new("mh", typeof(MembershipMessage.Hello), HandshakeCodec.DecodeHello),
        new("mw", typeof(MembershipMessage.Welcome), HandshakeCodec.DecodeWelcome),
        new("mr", typeof(MembershipMessage.Refused), HandshakeCodec.DecodeRefused),
        new("mp", typeof(MembershipMessage.Ping), ProbeCodec.DecodePing),
        new("mq", typeof(MembershipMessage.PingRequest), ProbeCodec.DecodePingRequest),
        new("ma", typeof(MembershipMessage.Ack), ProbeCodec.DecodeAck),
        new("mk", typeof(MembershipMessage.Nack), ProbeCodec.DecodeNack),
        new("mt", typeof(MembershipMessage.Announcement), ProbeCodec.DecodeAnnouncement),
        new("ml", typeof(MembershipMessage.Leaving), MembershipCodec.DecodeLeaving),
        new("mn", typeof(MembershipMessage.RemovalNotice), MembershipCodec.DecodeRemovalNotice),
        new("lq", typeof(LeaseMessage.LeaseRequest), LeaseCodec.DecodeRequest),
        new("la", typeof(LeaseMessage.LeaseAnswer), LeaseCodec.DecodeAnswer),
        new("oj", typeof(OverlayMessage.Join), OverlayCodec.DecodeJoin),
        new("of", typeof(OverlayMessage.ForwardJoin), OverlayCodec.DecodeForwardJoin),
        new("on", typeof(OverlayMessage.NeighborRequest), OverlayCodec.DecodeNeighborRequest),
        new("or", typeof(OverlayMessage.NeighborReply), OverlayCodec.DecodeNeighborReply),
        new("od", typeof(OverlayMessage.Disconnect), OverlayCodec.DecodeDisconnect),
        new("ok", typeof(OverlayMessage.KeepLink), OverlayCodec.DecodeKeepLink),
        new("os", typeof(OverlayMessage.Shuffle), OverlayCodec.DecodeShuffle),
        new("ot", typeof(OverlayMessage.ShuffleReply), OverlayCodec.DecodeShuffleReply),
        new("bg", typeof(BroadcastMessage.Gossip), BroadcastCodec.DecodeGossip),
        new("bi", typeof(BroadcastMessage.IHave), BroadcastCodec.DecodeIHave),
        new("bt", typeof(BroadcastMessage.Graft), BroadcastCodec.DecodeGraft),
        new("bp", typeof(BroadcastMessage.Prune), BroadcastCodec.DecodePrune),
    ];

    public override int Identifier => Number;

    /// <summary>How many messages from peers were refused since the system was started.</summary>
    public long Refused => Interlocked.Read(ref _refused.Value);

    /// <summary>
    /// The serializer of a running system, registered by whoever comes first: by configuration, because Akka makes all serializers anew from that
    /// whenever an extension adds to it, as those of Akka.Cluster.Tools do.
    /// </summary>
    public static PresenceSerializer Of(ExtendedActorSystem system)
    {
        if (!system.Settings.Config.HasPath(Setting))
        {
            system.Settings.InjectTopLevelFallback(Registration);
        }

        return (PresenceSerializer)system.Serialization.FindSerializerForType(typeof(GossipEnvelope));
    }

    public override string Manifest(object o) => o switch
    {
        GossipEnvelope gossip => Manifests[gossip.Message.GetType()],
        MembershipEnvelope membership => Manifests[membership.Message.GetType()],
        LeaseEnvelope lease => Manifests[lease.Message.GetType()],
        OverlayEnvelope overlay => Manifests[overlay.Message.GetType()],
        BroadcastEnvelope broadcast => Manifests[broadcast.Message.GetType()],
        _ => throw new WireFormatException($"{o.GetType()} is not on the wire"),
    };

    /// <exception cref="WireFormatException">The message is longer than any node takes.</exception>
    public override byte[] ToBinary(object obj)
    {
        var message = obj switch
        {
            GossipEnvelope gossip => GossipCodec.Encode(gossip),
            MembershipEnvelope membership => MembershipCodec.Encode(membership),
            LeaseEnvelope lease => LeaseCodec.Encode(lease),
            OverlayEnvelope overlay => OverlayCodec.Encode(overlay),
            BroadcastEnvelope broadcast => BroadcastCodec.Encode(broadcast),
            _ => throw new WireFormatException($"{obj.GetType()} is not on the wire"),
        };
        var length = message.CalculateSize();
        if (length > WireLimits.MessageBytesMax)
        {
            throw new WireFormatException($"a {Manifest(obj)} of {length} bytes is longer than {WireLimits.MessageBytesMax}");
        }

        ((Envelope)obj).Traffic?.CountSent(length);
        return message.ToByteArray();
    }

    /// <exception cref="WireFormatException">It is not a message of the tracker.</exception>
    public override object FromBinary(byte[] bytes, string? manifest)
    {
        try
        {
            return Decode(bytes, manifest) with { Bytes = bytes.Length };
        }
        catch (WireFormatException)
        {
            Interlocked.Increment(ref _refused.Value);
            throw;
        }
    }

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    // Akka hands an empty manifest over as null.
    private static Envelope Decode(byte[] bytes, string? manifest)
    {
        // The length comes first: everything that is built of a message is bounded by it.
        if (bytes.Length > WireLimits.MessageBytesMax)
        {
            throw new WireFormatException($"{bytes.Length} bytes, more than {WireLimits.MessageBytesMax}");
        }

        return ByManifest.TryGetValue(manifest ?? "", out var kind)
            ? kind.Decode(bytes)
            : throw new WireFormatException("a kind of message that is not on the list");
    }

    /// <summary>A kind of message on the wire.</summary>
    /// <param name="Manifest">Its name there; never used again for another kind.</param>
    /// <param name="Message">What it is in the cores. Its name is also that of the message in the schema.</param>
    internal sealed record Kind(string Manifest, Type Message, Decoder Decode);
}
