using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using static PresenceTracker.Protocol.Gossip.GossipMessage;

namespace PresenceTracker.Wire;

/// <summary>The digests that carry lists. A node is written once, however many of its replicas follow.</summary>
internal static class DigestCodec
{
    // As a sender counts them when it fills a page.
    private const int ContextBytes = 48;
    private const int BucketBytes = 3;

    public static Schema.DigestBuckets Encode(DigestBuckets buckets, Schema.Node from)
    {
        var encoded = new Schema.DigestBuckets
        {
            From = from,
            BucketsPerShard = (uint)buckets.BucketsPerShard,
            Synced = buckets.Synced,
            Question = buckets.Question,
        };
        encoded.Hashes.AddRange(buckets.Hashes);
        return encoded;
    }

    public static Schema.DigestContexts Encode(DigestContexts digest, Schema.Node from, NodeId sender)
    {
        var encoded = new Schema.DigestContexts
        {
            From = from,
            BucketsPerShard = (uint)digest.BucketsPerShard,
            Reply = digest.Reply,
            Synced = digest.Synced,
            Question = digest.Question,
            AnswerTo = digest.AnswerTo,
        };
        var before = -1;
        foreach (var bucket in digest.Buckets)
        {
            encoded.BucketSteps.Add((uint)(bucket - before));
            before = bucket;
        }

        Dictionary<NodeId, uint> numbers = new() { [sender] = 0 };
        foreach (var (replica, context) in digest.Contexts)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, replica.Node, out var known);
            if (!known)
            {
                encoded.Nodes.Add(NamesCodec.Encode(replica.Node));
                number = (uint)encoded.Nodes.Count;
            }

            encoded.Contexts.Add(new Schema.Context
            {
                Node = number,
                Shard = (uint)replica.Shard,
                Epoch = (uint)replica.Epoch,
                Context_ = context,
            });
        }

        return encoded;
    }

    public static GossipEnvelope DecodeBuckets(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.DigestBuckets.FromFieldNumber);
        var bucketsPerShard = 0;
        ImmutableArray<ulong> hashes = [];
        var synced = false;
        var question = 0UL;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.DigestBuckets.BucketsPerShardFieldNumber:
                    bucketsPerShard = DecodeBucketsPerShard(ref reader);
                    break;
                case Schema.DigestBuckets.HashesFieldNumber:
                    hashes = DecodeHashes(reader.Bytes());
                    break;
                case Schema.DigestBuckets.SyncedFieldNumber:
                    synced = reader.Flag();
                    break;
                case Schema.DigestBuckets.QuestionFieldNumber:
                    question = reader.Number();
                    break;
            }
        }

        return bucketsPerShard > 0 && hashes.Length > 0 && hashes.Length % bucketsPerShard == 0
            && hashes.Length / bucketsPerShard <= WireLimits.ShardsMax
                ? new GossipEnvelope(from, new DigestBuckets(bucketsPerShard, hashes, synced, question))
                : throw new WireFormatException("a digest whose hashes are not one for each bucket of each shard");
    }

    public static GossipEnvelope DecodeContexts(ReadOnlySpan<byte> message)
    {
        var from = GossipCodec.DecodeFrom(message, Schema.DigestContexts.FromFieldNumber);
        var contextCount = FieldReader.CountOf(message, Schema.DigestContexts.ContextsFieldNumber, WireLimits.ContextsMax);

        // Each node stands there for a context.
        var nodesMax = Math.Min(contextCount, WireLimits.NodesMax);
        var nodes = new List<NodeId>(1 + FieldReader.CountOf(message, Schema.DigestContexts.NodesFieldNumber, nodesMax)) { from };
        var bytes = contextCount * ContextBytes;
        var bucketsPerShard = 0;
        ReadOnlySpan<byte> bucketSteps = default;
        var reply = false;
        var synced = false;
        var (question, answerTo) = (0UL, 0UL);
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.DigestContexts.BucketsPerShardFieldNumber:
                    bucketsPerShard = DecodeBucketsPerShard(ref reader);
                    break;
                case Schema.DigestContexts.BucketStepsFieldNumber:
                    bucketSteps = reader.Bytes();
                    break;
                case Schema.DigestContexts.NodesFieldNumber:
                    nodes.Add(NamesCodec.DecodeNode(reader.Element()));
                    bytes = CheckedPage(bytes + nodes[^1].Address.Length);
                    break;
                case Schema.DigestContexts.ReplyFieldNumber:
                    reply = reader.Flag();
                    break;
                case Schema.DigestContexts.SyncedFieldNumber:
                    synced = reader.Flag();
                    break;
                case Schema.DigestContexts.QuestionFieldNumber:
                    question = reader.Number();
                    break;
                case Schema.DigestContexts.AnswerToFieldNumber:
                    answerTo = reader.Number();
                    break;
            }
        }

        if (bucketsPerShard == 0)
        {
            throw NamesCodec.Missing("a digest", "buckets per shard");
        }

        var buckets = DecodeBucketSteps(bucketSteps, bucketsPerShard, bytes);
        var contexts = DecodeContexts(message, nodes, contextCount);
        return new GossipEnvelope(from, new DigestContexts(bucketsPerShard, buckets, contexts, reply, synced, question, answerTo));
    }

    /// <summary>What no sender puts into one message is refused before twice as much is built of it.</summary>
    private static int CheckedPage(int bytes) => bytes <= WireLimits.MessageBytesMax
        ? bytes
        : throw new WireFormatException("a digest with more buckets, contexts and addresses than one message has room for");

    private static int DecodeBucketsPerShard(ref FieldReader reader)
    {
        var number = reader.Number(1, WireLimits.BucketsPerShardMax, "the number of buckets per shard");
        return BitOperations.IsPow2(number)
            ? number
            : throw new WireFormatException($"the number of buckets per shard is {number}, not a power of two");
    }

    private static ImmutableArray<ulong> DecodeHashes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(ulong) != 0 || bytes.Length / sizeof(ulong) > WireLimits.BucketsMax)
        {
            throw new WireFormatException($"{bytes.Length} bytes are no hashes");
        }

        var hashes = new ulong[bytes.Length / sizeof(ulong)];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(hashes);
    }

    private static ImmutableArray<int> DecodeBucketSteps(ReadOnlySpan<byte> steps, int bucketsPerShard, int bytesBefore)
    {
        var count = 0;
        foreach (var octet in steps)
        {
            count += octet < 0x80 ? 1 : 0;
        }

        if (count > WireLimits.BucketsMax)
        {
            throw new WireFormatException($"a digest of {count} buckets");
        }

        CheckedPage(bytesBefore + (count * BucketBytes));
        var buckets = ImmutableArray.CreateBuilder<int>(count);
        var last = (WireLimits.ShardsMax * bucketsPerShard) - 1;
        var bucket = -1;
        while (!steps.IsEmpty)
        {
            var step = Varint.Take(ref steps);
            if (step == 0 || step > (ulong)(last - bucket))
            {
                throw new WireFormatException("a bucket does not rise, or is beyond the last");
            }

            bucket += (int)step;
            buckets.Add(bucket);
        }

        return buckets.MoveToImmutable();
    }

    private static ImmutableArray<ReplicaContext> DecodeContexts(ReadOnlySpan<byte> message, List<NodeId> nodes, int count)
    {
        var contexts = ImmutableArray.CreateBuilder<ReplicaContext>(count);
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            if (reader.Field == Schema.DigestContexts.ContextsFieldNumber)
            {
                contexts.Add(DecodeContext(reader.Element(), nodes));
            }
        }

        return contexts.MoveToImmutable();
    }

    private static ReplicaContext DecodeContext(ReadOnlySpan<byte> message, List<NodeId> nodes)
    {
        var node = 0;
        var shard = 0;
        var epoch = 0;
        ulong context = 0;
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.Context.NodeFieldNumber:
                    node = reader.Number(0, nodes.Count - 1, "the number of a node");
                    break;
                case Schema.Context.ShardFieldNumber:
                    shard = NamesCodec.DecodeShard(ref reader);
                    break;
                case Schema.Context.EpochFieldNumber:
                    epoch = NamesCodec.DecodeEpoch(ref reader);
                    break;
                case Schema.Context.Context_FieldNumber:
                    context = reader.Number();
                    break;
            }
        }

        return context > 0
            ? new ReplicaContext(new ReplicaId(nodes[node], shard, epoch), context)
            : throw NamesCodec.Missing("a context", "number");
    }
}
