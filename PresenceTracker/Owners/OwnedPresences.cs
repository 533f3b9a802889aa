using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Owners;

/// <summary>Every presence of this node by owner, as the shards last told: what must end with its owner, and what a crashed shard gets back.</summary>
internal sealed class OwnedPresences(int shardCount)
{
    private readonly Dictionary<PresenceId, OwnedPresence> _byId = [];

    // By the owner's id: owners are the same if their ids are, for a lease may be renewed for another duration.
    private readonly Dictionary<(string Owner, int Shard), Dictionary<PresenceId, OwnedPresence>> _byOwner = [];

    public IEnumerable<OwnedPresence> All => _byId.Values;

    public OwnedPresence? Get(PresenceId id) => _byId.GetValueOrDefault(id);

    public IReadOnlyCollection<PresenceId> Of(Owner owner, int shard) => _byOwner.TryGetValue((owner.Id, shard), out var owned) ? owned.Keys : [];

    public IReadOnlyCollection<PresenceId> Of(Owner owner) => [.. Enumerable.Range(0, shardCount).SelectMany(shard => Of(owner, shard))];

    public OwnedPresence Put(Owner owner, Presence presence)
    {
        var id = presence.Id;
        if (_byId.TryGetValue(id, out var known))
        {
            known.Presence = presence;
            return known;
        }

        var owned = new OwnedPresence(owner, presence);
        _byId[id] = owned;
        if (!_byOwner.TryGetValue(ByOwner(id), out var others))
        {
            _byOwner[ByOwner(id)] = others = [];
        }

        others[id] = owned;
        return owned;
    }

    /// <param name="isLast">Whether the owner has no presence left.</param>
    public OwnedPresence? Remove(PresenceId id, out bool isLast)
    {
        isLast = false;
        if (!_byId.Remove(id, out var owned))
        {
            return null;
        }

        var others = _byOwner[ByOwner(id)];
        others.Remove(id);
        if (others.Count == 0)
        {
            _byOwner.Remove(ByOwner(id));
            isLast = !Enumerable.Range(0, shardCount).Any(shard => _byOwner.ContainsKey((id.Owner, shard)));
        }

        return owned;
    }

    private (string Owner, int Shard) ByOwner(PresenceId id) => (id.Owner, StableHash.ShardOf(id.Topic, shardCount));
}
