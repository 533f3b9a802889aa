using Akka.Actor;
using Akka.Configuration;
using CsCheck;
using Google.Protobuf;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Wire;

public sealed class PresenceSerializerTests : IDisposable
{
    private static readonly NodeId Alpha = new("alpha:4053", new Incarnation(1_700_000_000, 0xA1));

    private readonly ActorSystem _system = ActorSystem.Create("wire");
    private readonly PresenceSerializer _serializer;

    public PresenceSerializerTests() => _serializer = PresenceSerializer.Of((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

    [Fact]
    public void Every_message_comes_out_as_it_went_in()
    {
        HashSet<string> seen = [];
        WireGen.Any.Sample(
            envelope =>
            {
                var manifest = _serializer.Manifest(envelope);
                lock (seen)
                {
                    seen.Add(manifest);
                }

                var read = _serializer.FromBinary(_serializer.ToBinary(envelope), manifest);
                Assert.Equal(Described.Whole(envelope), Described.Whole(read));
            },
            iter: 5_000);
        Assert.Equal(PresenceSerializer.Kinds.Select(kind => kind.Manifest).Order(), seen.Order());
    }

    [Fact]
    public void What_is_broadcast_comes_out_as_it_went_in_wherever_it_has_passed()
    {
        WireGen.Gossip.Where(envelope => envelope.Message is GossipMessage.Push).Sample(
            envelope => Assert.Equal(
                Described.Whole(((GossipMessage.Push)envelope.Message).Dots),
                Described.Whole(PayloadCodec.Decode(PayloadCodec.Encode(((GossipMessage.Push)envelope.Message).Dots, envelope.From), envelope.From))),
            iter: 500);
        var announcement = new MembershipMessage.Announcement(new NodeRecord(Alpha, 3, []), [new MemberUpdate(Alpha, 3, UpdateKind.Alive)]);

        var payload = PayloadCodec.Encode(announcement, Alpha);

        Assert.Equal(Described.Whole(announcement), Described.Whole(Assert.IsType<MembershipEnvelope>(PayloadCodec.Decode(payload, Alpha)).Message));
        var other = Alpha with { Address = "beta:4053" };
        Assert.Throws<WireFormatException>(() => PayloadCodec.Decode(payload, other));
    }

    [Fact]
    public void The_serializer_is_found_for_every_envelope()
    {
        Assert.Same(_serializer, _system.Serialization.FindSerializerForType(typeof(GossipEnvelope)));
        Assert.Same(_serializer, _system.Serialization.FindSerializerForType(typeof(MembershipEnvelope)));
        Assert.Same(_serializer, _system.Serialization.FindSerializerForType(typeof(LeaseEnvelope)));
        Assert.Same(_serializer, _system.Serialization.FindSerializerForType(typeof(OverlayEnvelope)));
        Assert.Same(_serializer, _system.Serialization.FindSerializerForType(typeof(BroadcastEnvelope)));
        var envelope = new GossipEnvelope(Alpha, new GossipMessage.PushAck(7));
        Assert.Equal(envelope, _system.Serialization.Deserialize(_serializer.ToBinary(envelope), PresenceSerializer.Number, "ga"));
    }

    // Akka makes all serializers anew from the configuration then, as when a user starts DistributedPubSub after the tracker.
    [Fact]
    public void It_is_still_found_and_counts_on_when_an_extension_has_added_to_the_configuration()
    {
        Assert.Throws<WireFormatException>(() => _serializer.FromBinary([], "zz"));

        _system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString("some.extension = on"));

        var now = Assert.IsType<PresenceSerializer>(_system.Serialization.FindSerializerForType(typeof(MembershipEnvelope)));
        Assert.Equal(1, now.Refused);
        Assert.Throws<WireFormatException>(() => now.FromBinary([], "zz"));
        Assert.Equal(2, _serializer.Refused);
    }

    [Fact]
    public void Every_message_of_the_cores_is_on_the_list() =>
        Assert.Equal(
            new[] { typeof(GossipMessage), typeof(MembershipMessage), typeof(LeaseMessage), typeof(OverlayMessage), typeof(BroadcastMessage) }
                .SelectMany(messages => messages.GetNestedTypes()).OrderBy(type => type.Name),
            PresenceSerializer.Kinds.Select(kind => kind.Message).OrderBy(type => type.Name));

    [Fact]
    public void What_a_later_version_adds_is_ignored() =>
        WireGen.Any.Sample(
            envelope =>
            {
                // Field 2000 as a number, 2001 as bytes, 2002 with 64 and 2003 with 32 bits.
                byte[] added = [0x80, 0x7D, 0x05, 0x8A, 0x7D, 0x02, 0xFF, 0xFF, 0x91, 0x7D, 1, 2, 3, 4, 5, 6, 7, 8, 0x9D, 0x7D, 1, 2, 3, 4];
                var manifest = _serializer.Manifest(envelope);
                var read = _serializer.FromBinary([.. _serializer.ToBinary(envelope), .. added], manifest);
                Assert.Equal(Described.Whole(envelope), Described.Whole(read));
            },
            iter: 500);

    [Fact]
    public void A_track_costs_few_bytes_beside_its_texts()
    {
        const string json = """{"name":"Alice","avatar":"https://cdn.example/a/123456789.png","status":"online","since":1700000000}""";
        var meta = Meta.TryParse(json, out _)!;
        var id = new PresenceId("room:123", "user:456789", "conn:0123456789abcdef");
        var presence = new Presence(new ReplicaId(Alpha, 3, 0), 1_000_001, id, "F8x2Qm1A", meta, TimeSpan.FromSeconds(3));
        var push = new GossipEnvelope(
            Alpha, new GossipMessage.Push(1_000, new Dots(presence.Replica, 1_000_000, 1_000_001, 1_000_001, 1_000_001, [presence], [])));

        var texts = 8 + 11 + 21 + 8 + meta.Utf8.Length;
        Assert.InRange(_serializer.ToBinary(push).Length, texts, texts + 70);
    }

    [Fact]
    public void A_change_is_encoded_once_for_all_peers()
    {
        var dots = new Dots(new ReplicaId(Alpha, 3, 0), 1, 2, 2, 2, [], []);
        var first = (PresenceTracker.Wire.Schema.Push)GossipCodec.Encode(new GossipEnvelope(Alpha, new GossipMessage.Push(1, dots)));
        var second = (PresenceTracker.Wire.Schema.Push)GossipCodec.Encode(new GossipEnvelope(Alpha, new GossipMessage.Push(9, dots)));

        Assert.Same(first.Dots, second.Dots);
        Assert.NotEqual(first.ToByteString(), second.ToByteString());
    }

    [Fact]
    public void What_is_encoded_and_decoded_is_counted_and_is_the_same_message_all_the_same()
    {
        var traffic = new PeerTraffic();
        var message = new GossipMessage.PushAck(7);
        var sent = new GossipEnvelope(Alpha, message) { Traffic = traffic };

        var bytes = _serializer.ToBinary(sent);
        var read = (GossipEnvelope)_serializer.FromBinary(bytes, "ga");

        Assert.Equal(new NodeTraffic(1, bytes.Length), traffic.Sent);
        Assert.Equal(bytes.Length, read.Bytes);
        Assert.Equal(sent, read);
        Assert.Equal(sent.GetHashCode(), read.GetHashCode());
        Assert.NotEqual(sent, new GossipEnvelope(Alpha, new GossipMessage.PushAck(8)));
    }

    [Fact]
    public void A_message_that_no_node_would_take_is_not_sent()
    {
        var members = Enumerable.Repeat(Alpha with { Address = new string('h', 249) + ":65535" }, 1_000);
        var welcome = new MembershipMessage.Welcome(new NodeRecord(Alpha, 0, []), "alpha:4053", [.. members], 0);

        var refusal = Assert.Throws<WireFormatException>(() => _serializer.ToBinary(new MembershipEnvelope("alpha:4053", welcome)));
        Assert.EndsWith("bytes is longer than 65536", refusal.Message, StringComparison.Ordinal);
    }
}
