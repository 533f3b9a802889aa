using System.Numerics;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>How the contexts are divided for a digest: by shard, then by a stable hash of the address.</summary>
/// <param name="ShardCount">Shards of the cluster.</param>
/// <param name="BucketsPerShard">A power of two, so that a coarser grid's bucket is a union of a finer one's.</param>
internal readonly record struct BucketGrid(int ShardCount, int BucketsPerShard)
{
    // 32 KB of hashes: half a message. With 256 shards it still leaves 16 buckets for each.
    private const int BucketsMax = 4_096;

    // The contexts of a bucket take a few KB: little enough to send for one difference.
    private const int NodesPerBucket = 64;

    public int Count => ShardCount * BucketsPerShard;

    /// <summary>The grid for that many live nodes: the next power of two above a bucket per 64 of them, as far as a message holds it.</summary>
    public static BucketGrid For(int shardCount, int liveNodes)
    {
        var wanted = BitOperations.RoundUpToPowerOf2((uint)((liveNodes + NodesPerBucket - 1) / NodesPerBucket));
        var bucketsPerShard = 1;
        while (bucketsPerShard < wanted && shardCount * bucketsPerShard * 2 <= BucketsMax)
        {
            bucketsPerShard *= 2;
        }

        return new BucketGrid(shardCount, bucketsPerShard);
    }

    /// <summary>The grid that a peer names; null if no correct peer would name it.</summary>
    public static BucketGrid? FromPeer(int shardCount, int bucketsPerShard) =>
        bucketsPerShard is > 0 and <= BucketsMax && BitOperations.IsPow2(bucketsPerShard) && shardCount * bucketsPerShard <= BucketsMax
            ? new BucketGrid(shardCount, bucketsPerShard)
            : null;

    public int IndexOf(int shard, ulong addressHash) => (shard * BucketsPerShard) + (int)(addressHash & (ulong)(BucketsPerShard - 1));

    /// <summary>The bucket of this grid that holds a bucket of a grid that is as fine or finer.</summary>
    public int Coarsen(int bucket, BucketGrid finer) =>
        (bucket / finer.BucketsPerShard * BucketsPerShard) + (bucket % finer.BucketsPerShard & (BucketsPerShard - 1));

    public BucketGrid FinerOf(BucketGrid other) => other.BucketsPerShard > BucketsPerShard ? other : this;
}
