using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>A bounded set of nodes, of each address one life. Small, so that a list is quicker than anything sorted or hashed.</summary>
internal sealed class PartialView(int capacity, Prng prng)
{
    private readonly List<NodeId> _nodes = new(capacity);

    public IReadOnlyList<NodeId> Nodes => _nodes;

    public int Count => _nodes.Count;

    public bool IsFull => _nodes.Count >= capacity;

    public bool Contains(NodeId node) => _nodes.Contains(node);

    /// <summary>The life of that address that is in the view.</summary>
    public NodeId? At(string address)
    {
        foreach (var node in _nodes)
        {
            if (node.Address == address) return node;
        }

        return null;
    }

    public void Add(NodeId node)
    {
        if (IsFull || At(node.Address) is not null) throw new InvariantViolationException($"{node} does not fit into a view of {capacity}");
        _nodes.Add(node);
    }

    public bool Remove(NodeId node) => _nodes.Remove(node);

    /// <summary>A random node of those that fulfil the condition; null if none does.</summary>
    public NodeId? Pick(Func<NodeId, bool> condition)
    {
        NodeId? picked = null;
        var seen = 0;
        foreach (var node in _nodes)
        {
            // Each of those seen so far is the picked one with the same probability.
            if (condition(node) && prng.Next(++seen) == 0) picked = node;
        }

        return picked;
    }

    /// <summary>Distinct random nodes, at most that many.</summary>
    public IEnumerable<NodeId> Sample(int count)
    {
        var left = _nodes.ToArray();
        var taken = Math.Min(count, left.Length);
        for (var i = 0; i < taken; i++)
        {
            var other = i + prng.Next(left.Length - i);
            (left[i], left[other]) = (left[other], left[i]);
        }

        return left.Take(taken);
    }
}
