using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What a record from the wire must satisfy before anything looks at its meaning.</summary>
internal static class RecordCheck
{
    public const int AddressBytesMax = 255;
    public const int ShardsMax = 256;

    /// <summary>
    /// Above every counter that Unix seconds and raises can reach, and so far below the largest number that there is always a higher one.
    /// </summary>
    public const ulong CounterMax = long.MaxValue;

    /// <summary>As <see cref="CounterMax"/>: no peer can say anything that leaves no room for a higher refutation.</summary>
    public const ulong RefutationMax = long.MaxValue;

    /// <summary>Whether it is <c>host:port</c> of at most 255 bytes, without white space or control characters.</summary>
    public static bool IsAddress(string address)
    {
        if (address.Length > AddressBytesMax || Encoding.UTF8.GetByteCount(address) > AddressBytesMax)
        {
            return false;
        }

        foreach (var character in address)
        {
            if (char.IsWhiteSpace(character) || char.IsControl(character)) return false;
        }

        var colon = address.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0;
    }

    public static bool IsNode(NodeId node) => IsAddress(node.Address) && node.Incarnation.Counter < CounterMax;

    public static bool IsRecord(NodeRecord record, int shardCount) =>
        IsNode(record.Node) && record.Refutation < RefutationMax && AreEpochs(record.Epochs, shardCount);

    public static bool AreMembers(ImmutableArray<NodeId> members, int addressesMax)
    {
        if (members.IsDefault || members.Length > addressesMax) return false;
        foreach (var member in members)
        {
            if (!IsNode(member)) return false;
        }

        return true;
    }

    public static bool IsEpoch(ShardEpoch epoch, int shardCount) => epoch.Shard >= 0 && epoch.Shard < shardCount && epoch.Epoch >= 1;

    private static bool AreEpochs(ImmutableArray<ShardEpoch> epochs, int shardCount)
    {
        if (epochs.IsDefault || epochs.Length > shardCount) return false;
        var last = -1;
        foreach (var epoch in epochs)
        {
            if (!IsEpoch(epoch, shardCount) || epoch.Shard <= last) return false;
            last = epoch.Shard;
        }

        return true;
    }
}
