using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// The causal context of this node: where it stands on each replica that it holds as live, and the hashes that compare it with a peer's.
/// </summary>
/// <remarks>
/// A set's hash is the XOR of its members' hashes, so that a moved context costs two hashes whatever the number of replicas. A context of
/// zero is no member: a node that has just heard of an empty replica equals one that has not.
/// </remarks>
internal sealed class ContextTable(int shardCount)
{
    private readonly SortedDictionary<ReplicaId, Entry> _entries = [];

    /// <summary>The hash over all.</summary>
    public ulong Root { get; private set; }

    /// <summary>Every member: replicas with a context above zero, by replica.</summary>
    public IEnumerable<(ReplicaContext Member, ulong AddressHash)> Members =>
        from pair in _entries
        where pair.Value.Position.Context > 0
        select (new ReplicaContext(pair.Key, pair.Value.Position.Context), pair.Value.AddressHash);

    /// <summary>Null if the replica is not held.</summary>
    public PullPosition? PositionOf(ReplicaId replica) => _entries.TryGetValue(replica, out var entry) ? entry.Position : null;

    public void Add(ReplicaId replica, PullPosition position)
    {
        if (replica.Shard < 0 || replica.Shard >= shardCount)
        {
            throw new InvariantViolationException($"{replica} lies outside the {shardCount} shards");
        }

        Remove(replica);
        var entry = new Entry(StableHash.Of(replica.Node.Address));
        _entries.Add(replica, entry);
        Set(replica, entry, position);
    }

    /// <returns>Whether anything moved; a replica that is not held does not.</returns>
    public bool Move(ReplicaId replica, PullPosition position)
    {
        if (!_entries.TryGetValue(replica, out var entry) || entry.Position == position)
        {
            return false;
        }

        Set(replica, entry, position);
        return true;
    }

    /// <summary>
    /// A shard has handed out what the replica had written up to there. Of an own replica that may be more than the shard has reported: it
    /// reports when it flushes, and serves whenever it is asked.
    /// </summary>
    public void Served(ReplicaId replica, ulong asOf)
    {
        if (_entries.TryGetValue(replica, out var entry))
        {
            entry.Served = Math.Max(entry.Served, asOf);
        }
    }

    /// <summary>Whether others can have this of a replica that only this node writes.</summary>
    public bool CanBeKnown(ReplicaId own, ulong context) =>
        !_entries.TryGetValue(own, out var entry) || context <= Math.Max(entry.Position.Context, entry.Served);

    public bool Remove(ReplicaId replica)
    {
        if (!_entries.Remove(replica, out var entry))
        {
            return false;
        }

        Root ^= entry.Hash;
        return true;
    }

    /// <summary>The hash of each bucket, by shard, then bucket.</summary>
    public ulong[] BucketHashes(BucketGrid grid)
    {
        var hashes = new ulong[grid.Count];
        foreach (var (replica, entry) in _entries)
        {
            hashes[grid.IndexOf(replica.Shard, entry.AddressHash)] ^= entry.Hash;
        }

        return hashes;
    }

    private void Set(ReplicaId replica, Entry entry, PullPosition position)
    {
        Root ^= entry.Hash;
        entry.Position = position;
        entry.Hash = position.Context == 0 ? 0 : HashOf(replica, entry.AddressHash, position.Context);
        Root ^= entry.Hash;
    }

    private static ulong HashOf(ReplicaId replica, ulong addressHash, ulong context) => StableHash.Of(
        addressHash,
        replica.Node.Incarnation.Counter,
        replica.Node.Incarnation.ProcessId,
        (ulong)replica.Shard,
        (ulong)replica.Epoch,
        context);

    private sealed class Entry(ulong addressHash)
    {
        public ulong AddressHash { get; } = addressHash;

        public PullPosition Position { get; set; }

        public ulong Served { get; set; }

        public ulong Hash { get; set; }
    }
}
