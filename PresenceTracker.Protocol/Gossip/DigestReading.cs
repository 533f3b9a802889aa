using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// One reading of all contexts of a peer, over as many messages as it takes: buckets whose hashes are equal hold what we hold, the others are
/// read one page after the other.
/// </summary>
internal sealed class DigestReading
{
    private readonly SortedDictionary<ReplicaId, ulong> _contexts = [];
    private SortedSet<int>? _unread;

    public BucketGrid Grid { get; private set; }

    /// <summary>Buckets that differ and have not been read; empty before the first hashes came.</summary>
    public IReadOnlyCollection<int> Unread => _unread ?? [];

    public bool IsComplete => _unread is { Count: 0 };

    /// <summary>Whether the peer has called itself synced in every message of the reading.</summary>
    public bool WasSynced { get; private set; } = true;

    /// <summary>The contexts in the buckets that differed; in the others the peer's are ours.</summary>
    public ImmutableArray<ReplicaContext> Contexts => [.. _contexts.Select(pair => new ReplicaContext(pair.Key, pair.Value))];

    /// <summary>The peer's buckets came, and these differ from ours.</summary>
    public void Compare(BucketGrid grid, IEnumerable<int> unequal, bool isSynced)
    {
        WasSynced &= isSynced;
        if (_unread is null || grid != Grid)
        {
            _unread = [.. unequal];
            Grid = grid;
            return;
        }

        // What has been read stays read: later changes of the peer are not what the reading began with.
        _unread.IntersectWith(unequal);
    }

    /// <summary>The peer's contexts of some buckets came.</summary>
    /// <returns>Whether any of these was still to be read.</returns>
    public bool Read(BucketGrid grid, ImmutableArray<int> buckets, ImmutableArray<ReplicaContext> contexts, bool isSynced)
    {
        if (_unread is null || grid != Grid || !_unread.Overlaps(buckets))
        {
            return false;
        }

        WasSynced &= isSynced;
        _unread.ExceptWith(buckets);
        foreach (var (replica, context) in contexts)
        {
            _contexts[replica] = Math.Max(context, _contexts.GetValueOrDefault(replica));
        }

        return true;
    }
}
