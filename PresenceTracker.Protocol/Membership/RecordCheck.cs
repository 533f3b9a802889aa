using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What a record from the wire must satisfy before anything looks at its meaning.</summary>
internal static class RecordCheck
{
    public const int ShardsMax = 256;

    /// <summary>
    /// Above every counter that Unix seconds and raises can reach, and so far below the largest number that there is always a higher one.
    /// </summary>
    public const ulong CounterMax = long.MaxValue;

    /// <summary>As <see cref="CounterMax"/>: no peer can say anything that leaves no room for a higher refutation.</summary>
    public const ulong RefutationMax = long.MaxValue;

    public static bool IsNode(NodeId node) => NodeAddress.IsValid(node.Address) && node.Incarnation.Counter < CounterMax;

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

    public static bool AreUpdates(ImmutableArray<MemberUpdate> updates)
    {
        if (updates.IsDefault || updates.Length > MembershipOptions.UpdatesPerMessageMax) return false;
        foreach (var update in updates)
        {
            var isAccusation = update.Kind == UpdateKind.Suspect;
            var isWhole = isAccusation == (update.Accuser is not null) && (!isAccusation || NodeAddress.IsValid(update.Accuser!));
            if (!isWhole || !IsNode(update.Node) || update.Refutation >= RefutationMax) return false;
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
