using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>Which broadcasts have come, of a bounded number of origins: who was heard of longest ago makes room.</summary>
internal sealed class KnownBroadcasts(int originsMax)
{
    private readonly LookupTable<NodeId, LinkedListNode<(NodeId Origin, SequenceWindow Window)>> _byOrigin = new();
    private readonly LinkedList<(NodeId Origin, SequenceWindow Window)> _byUse = new();

    public bool Contains(BroadcastId id) => _byOrigin.TryGet(id.Origin, out var node) && node.Value.Window.Contains(id.Sequence);

    public void Add(BroadcastId id)
    {
        if (_byOrigin.TryGet(id.Origin, out var node))
        {
            _byUse.Remove(node);
        }
        else
        {
            if (_byUse.Count >= originsMax)
            {
                _byOrigin.Remove(_byUse.Last!.Value.Origin);
                _byUse.RemoveLast();
            }

            node = new((id.Origin, new SequenceWindow()));
            _byOrigin[id.Origin] = node;
        }

        _byUse.AddFirst(node);
        node.Value.Window.Add(id.Sequence);
    }
}
