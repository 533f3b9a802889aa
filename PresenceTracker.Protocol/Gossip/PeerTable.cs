using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>The nodes held as up or suspect, by address.</summary>
internal sealed class PeerTable(Prng prng)
{
    // A list that is kept in order, and no tree: each round walks over all of them, while one comes or goes rarely.
    private readonly List<Peer> _peers = [];

    public int Count => _peers.Count;

    public IReadOnlyCollection<Peer> All => _peers;

    public Peer? Get(NodeId id) => Find(id) is var place and >= 0 ? _peers[place] : null;

    public void Add(Peer peer) => _peers.Insert(~Find(peer.Id), peer);

    public bool Remove(NodeId id)
    {
        if (Find(id) is not (var place and >= 0))
        {
            return false;
        }

        _peers.RemoveAt(place);
        return true;
    }

    /// <summary>Distinct random peers that fulfil the condition, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<Peer> Choose(int count, Predicate<Peer> condition)
    {
        var candidates = _peers.FindAll(condition);
        var chosen = Math.Min(count, candidates.Count);
        for (var i = 0; i < chosen; i++)
        {
            var other = i + prng.Next(candidates.Count - i);
            (candidates[i], candidates[other]) = (candidates[other], candidates[i]);
        }

        return candidates[..chosen];
    }

    /// <summary>The place of the node, or the complement of the place at which it would be added.</summary>
    private int Find(NodeId id)
    {
        var (low, high) = (0, _peers.Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var order = _peers[middle].Id.CompareTo(id);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }

        return ~low;
    }
}
