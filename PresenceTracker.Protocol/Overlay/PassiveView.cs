using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>The nodes with which neighbours can be replaced. They may be dead by now: nobody looks before one is needed.</summary>
internal sealed class PassiveView(OverlayOptions options, NodeId self, PartialView active, Prng prng)
{
    private readonly PartialView _nodes = new(options.PassiveMax, prng);
    private readonly SortedSet<NodeId> _refusers = [];

    public IReadOnlyList<NodeId> Nodes => _nodes.Nodes;

    /// <summary>The life of that address that is in the view.</summary>
    public NodeId? At(string address) => _nodes.At(address);

    /// <summary>
    /// Takes the node in unless it is this one, a neighbour, or a life before one that is known. In a full view it takes the place of
    /// one that <paramref name="expendable"/> names, or of a random one.
    /// </summary>
    public void Learn(NodeId node, ImmutableArray<NodeId> expendable)
    {
        // Own earlier lives are no peers either.
        if (node.Address == self.Address || IsKnownInThisOrALaterLife(node)) return;

        if (_nodes.At(node.Address) is { } earlier) Remove(earlier);

        if (_nodes.IsFull) Remove(Expendable(expendable));

        _nodes.Add(node);
    }

    public void Remove(NodeId node)
    {
        _nodes.Remove(node);
        _refusers.Remove(node);
    }

    /// <summary>The node has no room for this one: it is not asked again until <see cref="ForgetRefusals"/>.</summary>
    public void NoteRefusal(NodeId node)
    {
        if (_nodes.Contains(node)) _refusers.Add(node);
    }

    public void ForgetRefusals() => _refusers.Clear();

    /// <summary>Whom to ask next.</summary>
    /// <param name="isAsked">Whether that node is being asked already.</param>
    public NodeId? PickCandidate(Func<NodeId, bool> isAsked) => _nodes.Pick(node => !_refusers.Contains(node) && !isAsked(node));

    /// <summary>Distinct random nodes, at most that many.</summary>
    public IEnumerable<NodeId> Sample(int count) => _nodes.Sample(count);

    private bool IsKnownInThisOrALaterLife(NodeId node) =>
        active.At(node.Address) is { } neighbor && neighbor.Incarnation >= node.Incarnation
        || _nodes.At(node.Address) is { } known && known.Incarnation >= node.Incarnation;

    // As in the paper, those that were sent away come first: they are remembered where they were sent to.
    private NodeId Expendable(ImmutableArray<NodeId> expendable)
    {
        foreach (var node in expendable)
        {
            if (_nodes.Contains(node)) return node;
        }

        return _nodes.Pick(_ => true)!;
    }
}
