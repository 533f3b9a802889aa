using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace PresenceTracker.Protocol.Identity;

/// <summary>Hashes that are equal in every process and on every machine; the hash codes of strings differ in each.</summary>
public static class StableHash
{
    private const int StackBytesMax = 512;

    /// <summary>XxHash3 of the UTF-8 bytes.</summary>
    public static ulong Of(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var bytes = length <= StackBytesMax ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(text, bytes);
        return XxHash3.HashToUInt64(bytes);
    }

    /// <summary>XxHash3 of the numbers in little-endian order.</summary>
    public static ulong Of(params ReadOnlySpan<ulong> numbers)
    {
        var length = numbers.Length * sizeof(ulong);
        var bytes = length <= StackBytesMax ? stackalloc byte[length] : new byte[length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[(i * sizeof(ulong))..], numbers[i]);
        }

        return XxHash3.HashToUInt64(bytes);
    }

    /// <summary>The shard that a topic belongs to, the same on every node of a cluster with that shard count.</summary>
    public static int ShardOf(string topic, int shardCount) => (int)(Of(topic) % (ulong)shardCount);
}
