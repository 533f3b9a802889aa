using System.Collections.Immutable;
using Akka.Actor;
using CsCheck;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Wire;
using Xunit;
using Schema = PresenceTracker.Wire.Schema;

namespace PresenceTracker.Tests.Wire;

/// <summary>
/// Bytes that no honest node sends: they are a message or one typed exception, and cost no more memory than twice the longest message;
/// where they are a message full of the smallest of presences, what those presences cost.
/// Random tests print the seed of a failure; <c>CsCheck_Seed=... dotnet test --filter HostileBytesTests</c> replays it, and
/// <c>CsCheck_Iter=10000000</c> makes them long.
/// </summary>
public sealed class HostileBytesTests : IDisposable
{
    // What is built of a well-formed message is more than its bytes: objects, and texts of two bytes a letter.
    private const long BytesAllocatedMax = 2 * WireLimits.MessageBytesMax;

    private static readonly long Iterations = Math.Max(20_000, Check.Iter);
    private static readonly ImmutableArray<string> Manifests = [.. PresenceSerializer.Kinds.Select(kind => kind.Manifest)];

    private readonly ActorSystem _system = ActorSystem.Create("hostile");
    private readonly PresenceSerializer _serializer;

    public HostileBytesTests() => _serializer = new PresenceSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

    [Fact]
    public void Arbitrary_bytes_are_a_message_or_a_wire_format_exception() =>
        Gen.Select(Gen.OneOf(Manifests.ToArray()), Gen.Byte.Array[0, 200])
            .Sample((manifest, bytes) => Decode(manifest, bytes), iter: Iterations);

    [Fact]
    public void Mutated_messages_are_a_message_or_a_wire_format_exception() =>
        Gen.Select(
                WireGen.Any,
                WireGen.Any,
                Gen.Select(Gen.Int[0, 5], Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 4],
                Gen.OneOf(Manifests.ToArray()))
            .Sample(
                (envelope, other, mutations, otherManifest) =>
                {
                    var bytes = _serializer.ToBinary(envelope);
                    foreach (var (kind, place, value) in mutations)
                    {
                        bytes = Mutated(bytes, kind, place, value, _serializer.ToBinary(other));
                    }

                    Decode(_serializer.Manifest(envelope), bytes);
                    Decode(otherManifest, bytes);
                },
                iter: Iterations);

    [Fact]
    public void The_length_is_looked_at_first() =>
        Assert.Equal("65537 bytes, more than 65536", Refusal("gp", new byte[WireLimits.MessageBytesMax + 1]));

    [Theory]
    [InlineData("gp", 3, 0)]
    [InlineData("gp", 4, 6)]
    [InlineData("gp", 4, 7)]
    [InlineData("gd", 4, 6)]
    [InlineData("gc", 5, 0)]
    [InlineData("gc", 4, 0)]
    [InlineData("gc", 3, 0)]
    [InlineData("gb", 3, 0)]
    [InlineData("mw", 4, 0)]
    [InlineData("mw", 3, 0)]
    [InlineData("mp", 2, 3)]
    [InlineData("mp", 3, 0)]
    [InlineData("mq", 3, 0)]
    [InlineData("ma", 3, 0)]
    [InlineData("mk", 3, 0)]
    [InlineData("mt", 3, 0)]
    [InlineData("mr", 2, 0)]
    [InlineData("mn", 2, 0)]
    [InlineData("mh", 5, 0)]
    [InlineData("lq", 3, 0)]
    [InlineData("la", 3, 0)]
    public void A_message_full_of_the_smallest_of_things_costs_no_more_than_the_longest(string manifest, int field, int inner)
    {
        // Two bytes each: a field of no bytes. As such, and within the field that holds a list.
        byte[] things = [.. Enumerable.Repeat(new[] { Tag(inner == 0 ? field : inner), (byte)0 }, 32_000).SelectMany(thing => thing)];
        Decode(manifest, things);
        Decode(manifest, [.. Sender(manifest), .. things.Take(65_000)]);
        Decode(manifest, [.. Sender(manifest), Tag(field), .. Varint(64_000), .. things.Take(64_000)]);
    }

    [Fact]
    public void As_many_of_the_smallest_entries_as_fit_are_too_many()
    {
        var dots = new Schema.Dots { ToStep = 10_000 };
        dots.Entries.AddRange(Enumerable.Repeat(new Schema.Entry { DotStep = 1, Ref = "r", Meta = ByteString.CopyFromUtf8("{}") }, 5_000));
        var push = new Schema.Push { From = Alpha(), Number = 1, Replica = new Schema.Replica(), Dots = dots.ToByteString() };

        Assert.Equal("more than 1365 of one field", Refusal("gp", push.ToByteArray()));
    }

    [Fact]
    public void As_many_entries_as_are_taken_cost_what_presences_cost()
    {
        var dots = new Schema.Dots { ToStep = 10_000 };
        var entry = new Schema.Entry { DotStep = 1, Topic = "t", Key = "k", Owner = "o", Ref = "r", Meta = ByteString.CopyFromUtf8("{}") };
        dots.Entries.AddRange(Enumerable.Repeat(entry, WireLimits.EntriesMax));
        var push = new Schema.Push { From = Alpha(), Number = 1, Replica = new Schema.Replica(), Dots = dots.ToByteString() };
        const long presenceBytes = 400;
        Decode("gp", push.ToByteArray(), presenceBytes * WireLimits.EntriesMax);
    }

    [Fact]
    public void As_many_calls_and_results_as_are_taken_cost_what_they_are()
    {
        var request = new Schema.LeaseRequest { From = Alpha() };
        request.Calls.AddRange(Enumerable.Repeat(new Schema.LeaseCall { Topic = "t", Key = "k", Owner = "lease:" }, WireLimits.LeaseCallsMax));
        Decode("lq", request.ToByteArray(), bytesAllocatedMax: 300 * WireLimits.LeaseCallsMax);
        request.Calls.Add(request.Calls[0]);
        Assert.Equal("more than 1000 of one field", Refusal("lq", request.ToByteArray()));

        var answer = new Schema.LeaseAnswer { From = Alpha() };
        answer.Results.AddRange(Enumerable.Repeat(new Schema.LeaseResult { Status = 1, Ref = "r" }, WireLimits.LeaseCallsMax + 1));
        Assert.Equal("more than 1000 of one field", Refusal("la", answer.ToByteArray()));
    }

    [Theory]
    [InlineData("connection:c", 0, null, "a call about what is no lease")]
    [InlineData("actor:/user/a#1", 1_000, null, "a call about what is no lease")]
    [InlineData("", 1_000, null, "a call about what is no lease")]
    [InlineData("lease:http", 999, null, "the duration of a lease is below its minimum")]
    [InlineData("lease:http", 86_400_001, null, "the duration of a lease in ms is 86400001, not 0 to 86400000")]
    [InlineData("lease:http", 1_000, "[]", "a meta is not a JSON object that a tracker takes")]
    public void A_call_about_anything_but_a_lease_within_its_limits_is_refused(string owner, int duration, string? meta, string refusal)
    {
        var call = new Schema.LeaseCall { Topic = "t", Key = "k", Owner = owner, DurationMs = (uint)duration };
        if (meta is not null)
        {
            call.Meta = ByteString.CopyFromUtf8(meta);
        }

        Assert.Equal(refusal, Refusal("lq", new Schema.LeaseRequest { From = Alpha(), Calls = { call } }.ToByteArray()));
    }

    internal static Schema.Node Alpha() => NamesCodec.Encode(new NodeId("alpha:4053", new Incarnation(1, 2)));

    private static byte[] Sender(string manifest) => manifest[0] is 'g' or 'l'
        ? new Schema.PushAck { From = Alpha() }.ToByteArray()
        : new Schema.Leaving { From = "alpha:4053" }.ToByteArray();

    private static byte Tag(int field) => (byte)(field << 3 | 2);

    private static byte[] Varint(int number) => [(byte)(number & 0x7F | 0x80), (byte)(number >> 7 & 0x7F | 0x80), (byte)(number >> 14)];

    private static byte[] Mutated(byte[] bytes, int kind, int place, byte value, byte[] other)
    {
        var at = place % (bytes.Length + 1);
        return kind switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], value, .. bytes[at..]],
            2 => [.. bytes[..at], .. other[..Math.Min(other.Length, value)], .. bytes[at..]],
            3 when at < bytes.Length => [.. bytes[..at], .. bytes[(at + 1)..]],
            4 when at < bytes.Length => [.. bytes[..at], (byte)(bytes[at] ^ (1 << (value & 7))), .. bytes[(at + 1)..]],
            5 when at < bytes.Length => [.. bytes[..at], value, .. bytes[(at + 1)..]],
            _ => bytes,
        };
    }

    private string Refusal(string manifest, byte[] bytes) =>
        Assert.Throws<WireFormatException>(() => _serializer.FromBinary(bytes, manifest)).Message;

    private void Decode(string manifest, byte[] bytes, long bytesAllocatedMax = BytesAllocatedMax)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var read = _serializer.FromBinary(bytes, manifest);
            Assert.True(read is GossipEnvelope or MembershipEnvelope or LeaseEnvelope);
        }
        catch (WireFormatException)
        {
            // As good as a message.
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= bytesAllocatedMax, $"{allocated} bytes allocated for {bytes.Length} of {manifest}");
    }
}
