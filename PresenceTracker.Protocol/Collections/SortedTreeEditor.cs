using System.Diagnostics.CodeAnalysis;

namespace PresenceTracker.Protocol.Collections;

/// <summary>
/// Makes a <see cref="SortedTree{TValue}"/> of another by several changes: each node on their ways is copied once, not at every change. Not thread-safe.
/// </summary>
internal sealed class SortedTreeEditor<TValue>(SortedTreeNode<TValue>? root, int count)
{
    private const int MergedMax = SortedTreeNode<TValue>.CountMax * 3 / 4;

    // What nodes that this editor made are known by.
    private object _self = new();
    private SortedTreeNode<TValue>? _root = root;

    public int Count { get; private set; } = count;

    public bool TryGet(string key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_root is not null)
        {
            return _root.TryGet(key, out value);
        }

        value = default;
        return false;
    }

    public void Set(string key, TValue value)
    {
        if (_root is null)
        {
            _root = SortedTreeNode<TValue>.Leaf(_self, key, value);
            Count = 1;
            return;
        }

        _root = _root.For(_self);
        if (Set(_root, key, value) is { } right)
        {
            _root = SortedTreeNode<TValue>.Inner(_self, _root, right);
        }
    }

    /// <summary>Does nothing if the key is not there.</summary>
    public void Remove(string key)
    {
        if (_root is null || !_root.TryGet(key, out _))
        {
            return;
        }

        _root = _root.For(_self);
        Remove(_root, key);
        Count--;
        while (_root is { IsLeaf: false, Count: 1 })
        {
            _root = _root.ChildAt(0);
        }

        if (_root.Count == 0)
        {
            _root = null;
        }
    }

    /// <summary>Hands out what there is now. Later changes do not touch it.</summary>
    public SortedTree<TValue> Complete()
    {
        _self = new object();
        return new SortedTree<TValue>(_root, Count);
    }

    /// <returns>What had no more room in the node, and stands to the right of it; null if all had.</returns>
    private SortedTreeNode<TValue>? Set(SortedTreeNode<TValue> node, string key, TValue value)
    {
        if (!node.IsLeaf)
        {
            var index = node.ChildOf(key);
            var child = node.ChildAt(index).For(_self);
            var right = Set(child, key, value);
            node.SetChild(index, child);
            return right is null ? null : Insert(node, index + 1, right, static (into, at, item) => into.InsertChild(at, item));
        }

        var found = node.IndexOf(key);
        if (found >= 0)
        {
            node.SetValue(found, value);
            return null;
        }

        Count++;
        return Insert(node, ~found, (Key: key, Value: value), static (into, at, item) => into.InsertValue(at, item.Key, item.Value));
    }

    private SortedTreeNode<TValue>? Insert<TItem>(
        SortedTreeNode<TValue> node, int index, TItem item, Action<SortedTreeNode<TValue>, int, TItem> insert)
    {
        if (node.Count < SortedTreeNode<TValue>.CountMax)
        {
            insert(node, index, item);
            return null;
        }

        // Keys that come in order fill each node, instead of half of it.
        var middle = index == node.Count ? index : node.Count / 2;
        var right = node.SplitAt(middle, _self);
        var isLeft = index < middle || (index == middle && right.Count > 0);
        insert(isLeft ? node : right, isLeft ? index : index - middle, item);
        return right;
    }

    private void Remove(SortedTreeNode<TValue> node, string key)
    {
        if (node.IsLeaf)
        {
            node.RemoveAt(node.IndexOf(key));
            return;
        }

        var index = node.ChildOf(key);
        var child = node.ChildAt(index).For(_self);
        Remove(child, key);
        if (child.Count == 0)
        {
            node.RemoveAt(index);
            return;
        }

        node.SetChild(index, child);
        if (child.IsSmall)
        {
            Merge(node, index > 0 ? index - 1 : 0);
        }
    }

    /// <summary>Makes one child of two that stand side by side, if they are small.</summary>
    private void Merge(SortedTreeNode<TValue> node, int index)
    {
        if (index + 1 < node.Count && node.ChildAt(index).Count + node.ChildAt(index + 1).Count <= MergedMax)
        {
            var left = node.ChildAt(index).For(_self);
            left.Append(node.ChildAt(index + 1));
            node.SetChild(index, left);
            node.RemoveAt(index + 1);
        }
    }
}
