using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>
/// A message that each node passes on to all its neighbours but the one that it came from, at the moment at which it comes, as if nothing else
/// happened meanwhile. What the links are is read anew only if one has changed, for an overlay at rest is flooded a thousand times.
/// </summary>
internal sealed class OverlayFlood(OverlayMesh mesh)
{
    private readonly Queue<int> _open = new();
    private readonly List<(int From, NodeId To)> _broken = [];
    private int[][] _links = [];
    private int[] _hops = [];
    private int[] _from = [];
    private long _linksAsOf = -1;
    private int _living;

    /// <summary>Nodes that the last message came to, and its origin.</summary>
    public int Reached { get; private set; }

    /// <summary>That, as a part of the living.</summary>
    public double Reliability => (double)Reached / _living;

    /// <summary>The most hops that the last message made to any node for the first time.</summary>
    public int HopsMax { get; private set; }

    /// <summary>The sum of those hops over all nodes.</summary>
    public long HopsSum { get; private set; }

    /// <summary>How often the last message was sent to a living node.</summary>
    public long Sent { get; private set; }

    public void Run(OverlayMeshNode origin)
    {
        ReadLinks();
        Array.Fill(_hops, -1);
        _hops[origin.Slot] = 0;
        _from[origin.Slot] = -1;
        _open.Enqueue(origin.Slot);
        (Reached, HopsMax, HopsSum, Sent) = (1, 0, 0, 0);
        while (_open.TryDequeue(out var slot))
        {
            foreach (var to in _links[slot])
            {
                if (to == _from[slot]) continue;

                Sent++;
                if (_hops[to] >= 0) continue;

                _hops[to] = _hops[slot] + 1;
                _from[to] = slot;
                Reached++;
                HopsMax = _hops[to];
                HopsSum += _hops[to];
                _open.Enqueue(to);
            }
        }
    }

    /// <summary>Those that the last message came to have sent it to the dead among their neighbours too, and learn that they are.</summary>
    public void TellOfBrokenLinks()
    {
        if (_broken.Count == 0) return;

        foreach (var (from, to) in _broken.Where(link => _hops[link.From] >= 0).ToList())
        {
            mesh.Nodes[from].Give(new OverlayInput.PeerLost(to));
        }
    }

    public void ReadLinks()
    {
        if (_linksAsOf == mesh.LinkChanges) return;

        _linksAsOf = mesh.LinkChanges;
        _living = mesh.Living.Count();
        _links = new int[mesh.Nodes.Count][];
        _hops = new int[mesh.Nodes.Count];
        _from = new int[mesh.Nodes.Count];
        _broken.Clear();
        foreach (var node in mesh.Nodes)
        {
            var links = new List<int>();
            foreach (var peer in node.IsAlive ? node.Overlay.ActiveView : [])
            {
                if (mesh.Find(peer) is { IsAlive: true } other)
                {
                    links.Add(other.Slot);
                }
                else
                {
                    _broken.Add((node.Slot, peer));
                }
            }

            _links[node.Slot] = [.. links];
        }
    }

    /// <summary>By slot, the slots of the living neighbours.</summary>
    public IReadOnlyList<int[]> Links => _links;
}
