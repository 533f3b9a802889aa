using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Owners;

/// <summary>Every presence of this node by owner, as the shards last told: what must end with its owner, and what a crashed shard gets back.</summary>
internal sealed class OwnedPresences
{
    private readonly Dictionary<PresenceId, OwnedPresence> _byId = [];
    private readonly Dictionary<Owner, Dictionary<PresenceId, OwnedPresence>> _byOwner = new(OwnerIdComparer.Instance);

    public IEnumerable<OwnedPresence> All => _byId.Values;

    public OwnedPresence? Get(PresenceId id) => _byId.GetValueOrDefault(id);

    public IReadOnlyCollection<PresenceId> Of(Owner owner) => _byOwner.TryGetValue(owner, out var owned) ? owned.Keys : [];

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
        if (!_byOwner.TryGetValue(owner, out var others))
        {
            _byOwner[owner] = others = [];
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

        var others = _byOwner[owned.Owner];
        others.Remove(id);
        if (others.Count == 0)
        {
            _byOwner.Remove(owned.Owner);
            isLast = true;
        }

        return owned;
    }

    /// <summary>Owners are the same if their ids are: a lease may be renewed for another duration.</summary>
    private sealed class OwnerIdComparer : IEqualityComparer<Owner>
    {
        public static readonly OwnerIdComparer Instance = new();

        public bool Equals(Owner? x, Owner? y) => x?.Id == y?.Id;

        public int GetHashCode(Owner owner) => StringComparer.Ordinal.GetHashCode(owner.Id);
    }
}
