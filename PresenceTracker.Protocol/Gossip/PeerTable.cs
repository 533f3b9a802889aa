using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>The nodes held as up or suspect, by address.</summary>
internal sealed class PeerTable(Prng prng)
{
    // Sorted arrays, and no tree: each round walks over all of them, while one comes or goes rarely.
    private readonly SortedList<NodeId, Peer> _peers = [];

    public int Count => _peers.Count;

    /// <summary>The neighbours in the overlay; null where there is none, and each speaks to all.</summary>
    public ImmutableArray<NodeId>? Links { get; set; }

    public IEnumerable<Peer> All => _peers.Values;

    public Peer? Get(NodeId id) => _peers.GetValueOrDefault(id);

    public void Add(Peer peer) => _peers.Add(peer.Id, peer);

    public bool IsLinked(Peer peer) => Links is not { } links || links.Contains(peer.Id);

    public bool Remove(NodeId id) => _peers.Remove(id);

    /// <summary>Distinct random peers that fulfil the condition, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<Peer> Choose(int count, Func<Peer, bool> condition)
    {
        var candidates = _peers.Values.Where(condition).ToList();
        var chosen = Math.Min(count, candidates.Count);
        for (var i = 0; i < chosen; i++)
        {
            var other = i + prng.Next(candidates.Count - i);
            (candidates[i], candidates[other]) = (candidates[other], candidates[i]);
        }

        return candidates[..chosen];
    }
}
