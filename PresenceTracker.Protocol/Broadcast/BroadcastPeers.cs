using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>The neighbours in the overlay, by address.</summary>
internal sealed class BroadcastPeers
{
    private readonly SortedList<NodeId, BroadcastPeer> _peers = [];

    public IList<BroadcastPeer> All => _peers.Values;

    public BroadcastPeer? Get(NodeId id) => _peers.GetValueOrDefault(id);

    public void Add(NodeId id) => _peers.TryAdd(id, new BroadcastPeer(id));

    public void Remove(NodeId id) => _peers.Remove(id);
}
