using System.Collections.Immutable;
using System.Text;
using Akka.Actor;
using CsCheck;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Tests.Wire;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Fuzz;

/// <summary>The decoder of each kind of message that the node port takes.</summary>
internal sealed class WireTargets : IDisposable
{
    // What is built of a well-formed message is more than its bytes: objects, and texts of two bytes a letter.
    private const long AllocatedBytesMax = 2 * WireLimits.MessageBytesMax;

    private const int MessagesPerKind = 40;

    private static readonly NodeId Origin = new("alpha:4053", new Incarnation(1_700_000_000, 0xA1));

    // A little more than is taken.
    private const int InputBytesMax = WireLimits.MessageBytesMax + 1_000;

    private static readonly ByteMutator Bytes = new(
    [
        [0], [0x7F], [0x80], [0xFF], [0x80, 0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], .. Words("{}", "{\"a\":1,\"a\":2}", "[", "127.0.0.1:4053", "lease:", "/", "#", "\0", ":0", "\n"),
    ]);

    private readonly ActorSystem _system = ActorSystem.Create("fuzz");
    private readonly PresenceSerializer _serializer;
    private readonly ImmutableArray<byte[]> _messages;

    public WireTargets()
    {
        _serializer = new PresenceSerializer((ExtendedActorSystem)_system);
        var corpus = Corpus();
        var payloads = Payloads();
        _messages = [.. corpus.Values.SelectMany(messages => messages)];
        All =
        [
            .. PresenceSerializer.Kinds.Select(kind => new FuzzTarget(
                $"node port, {kind.Manifest}", AllocatedBytesMaxOf(kind.Message), prng => Input(prng, corpus[kind.Manifest]), bytes => Decode(bytes, kind.Manifest))),
            new FuzzTarget("node port, the payload of a broadcast", AllocatedBytesMaxOf(typeof(GossipMessage.Push)), prng => Input(prng, payloads), DecodePayload),
            new FuzzTarget(
                "node port, any manifest",
                AllocatedBytesMax,
                prng => ByteMutator.Random(prng, prng.Next(20)),
                bytes => Decode(bytes, Encoding.Latin1.GetString(bytes))),
        ];
    }

    public ImmutableArray<FuzzTarget> All { get; }

    public void Dispose() => _system.Dispose();

    // Full of small things, a message costs what these are as objects beside their texts; as in HostileBytesTests.
    private static long AllocatedBytesMaxOf(Type message) => message switch
    {
        _ when message == typeof(GossipMessage.Push) || message == typeof(GossipMessage.PullReply) =>
            AllocatedBytesMax + (400 * WireLimits.EntriesMax),
        _ when message == typeof(LeaseMessage.LeaseRequest) => AllocatedBytesMax + (300 * WireLimits.LeaseCallsMax),
        _ => AllocatedBytesMax,
    };

    private static IEnumerable<byte[]> Words(params string[] words) => words.Select(Encoding.UTF8.GetBytes);

    private byte[] Input(Prng prng, List<byte[]> ofKind)
    {
        switch (prng.Next(16))
        {
            case 0:
                return ByteMutator.Random(prng, prng.Next(200));
            case 1:
                return _messages[prng.Next(_messages.Length)];
        }

        var bytes = ofKind[prng.Next(ofKind.Count)];
        for (var mutations = prng.Next(4); mutations >= 0; mutations--)
        {
            var other = _messages[prng.Next(_messages.Length)];
            bytes = prng.Next(2) == 0 ? Bytes.Mutate(prng, bytes, other) : FieldMutator.Mutate(prng, bytes, other, InputBytesMax);
        }

        return bytes;
    }

    private void Decode(byte[] bytes, string manifest)
    {
        try
        {
            _ = Assert.IsAssignableFrom<PresenceTracker.Wire.Envelope>(_serializer.FromBinary(bytes, manifest));
        }
        catch (WireFormatException)
        {
            // As good as a message.
        }
    }

    private static void DecodePayload(byte[] bytes)
    {
        try
        {
            Assert.NotNull(PayloadCodec.Decode([.. bytes], Origin));
        }
        catch (WireFormatException)
        {
            // As good as a payload.
        }
    }

    private static List<byte[]> Payloads()
    {
        var payloads = new List<byte[]>();
        var random = new PCG(stream: 1, seed: 1);
        while (payloads.Count < MessagesPerKind)
        {
            if (WireGen.Gossip.Generate(random, null, out _).Message is GossipMessage.Push push) payloads.Add([.. PayloadCodec.Encode(push.Dots, Origin)]);

            if (WireGen.Membership.Generate(random, null, out _).Message is MembershipMessage.Announcement told) payloads.Add([.. PayloadCodec.Encode(told, Origin)]);
        }

        return payloads;
    }

    private Dictionary<string, List<byte[]>> Corpus()
    {
        var corpus = PresenceSerializer.Kinds.ToDictionary(kind => kind.Manifest, _ => new List<byte[]>());
        var random = new PCG(stream: 1, seed: 1);
        for (var draws = 0; draws < 100_000 && corpus.Values.Any(messages => messages.Count < MessagesPerKind); draws++)
        {
            var envelope = WireGen.Any.Generate(random, null, out _);
            var messages = corpus[_serializer.Manifest(envelope)];
            if (messages.Count < MessagesPerKind)
            {
                messages.Add(_serializer.ToBinary(envelope));
            }
        }

        Assert.All(corpus, kind => Assert.True(kind.Value.Count == MessagesPerKind, $"WireGen makes no {kind.Key}"));
        return corpus;
    }
}
