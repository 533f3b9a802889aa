using Akka.Actor;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Wire;
using Xunit;
using Schema = PresenceTracker.Wire.Schema;

namespace PresenceTracker.Tests.Wire;

/// <summary>
/// Messages made to be expensive: they cost no more memory than twice the longest message; where they are full of the smallest of presences,
/// what those presences cost. Random bytes are in <c>Fuzz</c>.
/// </summary>
public sealed class HostileBytesTests : IDisposable
{
    // What is built of a well-formed message is more than its bytes: objects, and texts of two bytes a letter.
    private const long BytesAllocatedMax = 2 * WireLimits.MessageBytesMax;

    private readonly ActorSystem _system = ActorSystem.Create("hostile");
    private readonly PresenceSerializer _serializer;

    public HostileBytesTests() => _serializer = new PresenceSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

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
    public void A_digest_full_of_the_longest_addresses_costs_no_more_than_the_longest()
    {
        var digest = new Schema.DigestContexts { From = Alpha(), BucketsPerShard = 1 };
        digest.Nodes.AddRange(Enumerable.Range(100, 230).Select(i => NamesCodec.Encode(new NodeId($"{i}{new string('h', 246)}:65535", new Incarnation(1, 2)))));
        digest.Contexts.AddRange(Enumerable.Range(1, 230).Select(i => new Schema.Context { Node = (uint)i, Context_ = 1 }));

        Assert.Equal("a digest with more buckets, contexts and addresses than one message has room for", Refusal("gc", digest.ToByteArray()));
        while (digest.CalculateSize() > WireLimits.MessageBytesMax - (230 * 48))
        {
            digest.Nodes.RemoveAt(digest.Nodes.Count - 1);
            digest.Contexts.RemoveAt(digest.Contexts.Count - 1);
        }

        Decode("gc", digest.ToByteArray());
    }

    [Fact]
    public void A_welcome_full_of_addresses_costs_no_more_than_the_longest()
    {
        var record = new Schema.NodeRecord { Node = Alpha() };
        record.Epochs.AddRange(Enumerable.Range(0, WireLimits.ShardsMax).Select(shard => new Schema.ShardEpoch { Shard = (uint)shard, Epoch = 1 }));
        var welcome = new Schema.Welcome { From = "alpha:4053", Self = record, Target = "beta:4053" };
        var member = NamesCodec.Encode(new NodeId(new string('h', 60) + ":4053", new Incarnation(0, 0)));
        welcome.Members.AddRange(Enumerable.Repeat(member, 900));

        Assert.Equal("a welcome with more than 57344 bytes of members", Refusal("mw", welcome.ToByteArray()));
        while (welcome.Members.Count * (32 + member.Address.Length) > WireLimits.MembersBytesMax)
        {
            welcome.Members.RemoveAt(0);
        }

        Decode("mw", welcome.ToByteArray());
    }

    [Fact]
    public void A_digest_names_no_node_without_a_context()
    {
        var digest = new Schema.DigestContexts { From = Alpha(), BucketsPerShard = 1, Nodes = { Alpha() } };

        Assert.Equal("more than 0 of one field", Refusal("gc", digest.ToByteArray()));
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

    [Theory]
    [InlineData("", "k", "o", "an entry without its topic")]
    [InlineData("t", "", "o", "an entry without its key")]
    [InlineData("t", "k", "", "an entry without its owner")]
    public void An_entry_without_a_name_is_refused(string topic, string key, string owner, string refusal)
    {
        var entry = new Schema.Entry { DotStep = 1, Topic = topic, Key = key, Owner = owner, Ref = "r", Meta = ByteString.CopyFromUtf8("{}") };
        var dots = new Schema.Dots { ToStep = 1, Entries = { entry } };

        Assert.Equal(
            refusal,
            Refusal("gp", new Schema.Push { From = Alpha(), Number = 1, Replica = new Schema.Replica(), Dots = dots.ToByteString() }.ToByteArray()));
    }

    [Theory]
    [InlineData("", "k", "a call without its topic")]
    [InlineData("t", "", "a call without its key")]
    public void A_call_without_a_name_is_refused(string topic, string key, string refusal)
    {
        var call = new Schema.LeaseCall { Topic = topic, Key = key, Owner = "lease:http" };

        Assert.Equal(refusal, Refusal("lq", new Schema.LeaseRequest { From = Alpha(), Calls = { call } }.ToByteArray()));
    }

    internal static Schema.Node Alpha() => NamesCodec.Encode(new NodeId("alpha:4053", new Incarnation(1, 2)));

    private static byte[] Sender(string manifest) => manifest[0] is 'g' or 'l'
        ? new Schema.PushAck { From = Alpha() }.ToByteArray()
        : new Schema.Leaving { From = "alpha:4053" }.ToByteArray();

    private static byte Tag(int field) => (byte)(field << 3 | 2);

    private static byte[] Varint(int number) => [(byte)(number & 0x7F | 0x80), (byte)(number >> 7 & 0x7F | 0x80), (byte)(number >> 14)];

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
