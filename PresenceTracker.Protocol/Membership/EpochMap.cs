using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Membership;

/// <summary>The epochs of a node's shards. Each only rises; a shard that is not listed is in epoch 0.</summary>
internal sealed class EpochMap
{
    private readonly SortedDictionary<int, ShardEpoch> _epochs = [];

    public EpochMap(ImmutableArray<ShardEpoch> epochs)
    {
        foreach (var epoch in epochs)
        {
            _epochs.Add(epoch.Shard, epoch);
        }
    }

    /// <summary>Whether the epoch was news.</summary>
    public bool Raise(ShardEpoch epoch)
    {
        if (_epochs.TryGetValue(epoch.Shard, out var known) && known.Epoch >= epoch.Epoch) return false;
        _epochs[epoch.Shard] = epoch;
        return true;
    }

    /// <summary>By rising shard.</summary>
    public ImmutableArray<ShardEpoch> ToImmutable() => [.. _epochs.Values];
}
