using System.Diagnostics.CodeAnalysis;

namespace PresenceTracker.Protocol.Collections;

/// <summary>
/// A map of strings in ordinal order that never changes: who reads it needs no lock, and a change makes a new one that shares all but the nodes
/// on its way. A B+ tree (Bayer and McCreight, 1972): its wide nodes are few to copy and near each other to read, where a binary tree has one
/// object for each entry and a dozen on each way.
/// </summary>
internal sealed class SortedTree<TValue>
{
    private readonly SortedTreeNode<TValue>? _root;

    internal SortedTree(SortedTreeNode<TValue>? root, int count)
    {
        _root = root;
        Count = count;
    }

    public static SortedTree<TValue> Empty { get; } = new(null, 0);

    public int Count { get; }

    public bool TryGet(string key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_root is not null)
        {
            return _root.TryGet(key, out value);
        }

        value = default;
        return false;
    }

    public SortedTreeEditor<TValue> Edit() => new(_root, Count);

    public SortedTreeEnumerator<TValue> GetEnumerator() => new(_root);
}
