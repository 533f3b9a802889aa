using System.Diagnostics.CodeAnalysis;

namespace PresenceTracker.Protocol.Collections;

/// <summary>A node of a <see cref="SortedTree{TValue}"/>: a leaf with keys and values, or an inner node with the first key of each child.</summary>
internal sealed class SortedTreeNode<TValue>
{
    public const int CountMax = 32;

    // A small tree is one leaf, and most topics are small.
    private const int CapacityStep = 4;

    // Who may change it in place; anybody else copies it.
    private readonly object _editor;
    private string[] _keys;
    private TValue[]? _values;
    private SortedTreeNode<TValue>[]? _children;

    private SortedTreeNode(object editor, string[] keys, TValue[]? values, SortedTreeNode<TValue>[]? children, int count)
    {
        _editor = editor;
        _keys = keys;
        _values = values;
        _children = children;
        Count = count;
    }

    public int Count { get; private set; }

    [MemberNotNullWhen(false, nameof(_children))]
    [MemberNotNullWhen(true, nameof(_values))]
    public bool IsLeaf => _values is not null;

    public string FirstKey => _keys[0];

    public bool IsSmall => Count < CountMax / 4;

    public static SortedTreeNode<TValue> Leaf(object editor, string key, TValue value)
    {
        var node = new SortedTreeNode<TValue>(editor, new string[CapacityStep], new TValue[CapacityStep], null, 1);
        node._keys[0] = key;
        node._values![0] = value;
        return node;
    }

    public static SortedTreeNode<TValue> Inner(object editor, SortedTreeNode<TValue> left, SortedTreeNode<TValue> right)
    {
        var node = new SortedTreeNode<TValue>(editor, new string[CapacityStep], null, new SortedTreeNode<TValue>[CapacityStep], 0);
        node.InsertChild(0, left);
        node.InsertChild(1, right);
        return node;
    }

    public bool TryGet(string key, [MaybeNullWhen(false)] out TValue value)
    {
        var node = this;
        while (!node.IsLeaf)
        {
            node = node._children[node.ChildOf(key)];
        }

        var index = node.IndexOf(key);
        value = index >= 0 ? node._values[index] : default;
        return index >= 0;
    }

    public string KeyAt(int index) => _keys[index];

    public TValue ValueAt(int index) => _values![index];

    public SortedTreeNode<TValue> ChildAt(int index) => _children![index];

    /// <summary>The child in whose range the key lies.</summary>
    public int ChildOf(string key)
    {
        var index = IndexOf(key);
        return index >= 0 ? index : Math.Max(0, ~index - 1);
    }

    /// <returns>Where the key is; if it is not, the complement of where it would be.</returns>
    public int IndexOf(string key)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(_keys[middle], key);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    /// <returns>This node if that editor made it, or a copy that it may change.</returns>
    public SortedTreeNode<TValue> For(object editor)
    {
        if (ReferenceEquals(_editor, editor))
        {
            return this;
        }

        var capacity = CapacityFor(Count);
        return new(editor, Copy(_keys, capacity, Count), _values is null ? null : Copy(_values, capacity, Count), _children is null ? null : Copy(_children, capacity, Count), Count);
    }

    public void SetValue(int index, TValue value) => _values![index] = value;

    public void InsertValue(int index, string key, TValue value)
    {
        Open(index);
        _keys[index] = key;
        _values![index] = value;
    }

    public void InsertChild(int index, SortedTreeNode<TValue> child)
    {
        Open(index);
        SetChild(index, child);
    }

    public void SetChild(int index, SortedTreeNode<TValue> child)
    {
        _keys[index] = child.FirstKey;
        _children![index] = child;
    }

    public void RemoveAt(int index)
    {
        Count--;
        Close(_keys, index);
        Close(_values, index);
        Close(_children, index);
    }

    /// <summary>Moves what stands from an index on into a new node to the right of this one.</summary>
    public SortedTreeNode<TValue> SplitAt(int index, object editor)
    {
        var moved = Count - index;
        var capacity = CapacityFor(moved);
        var right = new SortedTreeNode<TValue>(
            editor, new string[capacity], _values is null ? null : new TValue[capacity], _children is null ? null : new SortedTreeNode<TValue>[capacity], moved);
        Move(_keys, right._keys, index, moved);
        Move(_values, right._values, index, moved);
        Move(_children, right._children, index, moved);
        Count = index;
        return right;
    }

    /// <summary>Takes in all of the node to the right of this one.</summary>
    public void Append(SortedTreeNode<TValue> right)
    {
        Reserve(Count + right.Count);
        Array.Copy(right._keys, 0, _keys, Count, right.Count);
        if (_values is not null)
        {
            Array.Copy(right._values!, 0, _values, Count, right.Count);
        }
        else
        {
            Array.Copy(right._children!, 0, _children!, Count, right.Count);
        }

        Count += right.Count;
    }

    private static int CapacityFor(int count) => Math.Min(CountMax, (count + CapacityStep) / CapacityStep * CapacityStep);

    private static T[] Copy<T>(T[] items, int capacity, int count)
    {
        var copy = new T[capacity];
        Array.Copy(items, copy, count);
        return copy;
    }

    private static void Move<T>(T[]? from, T[]? to, int index, int count)
    {
        if (from is not null)
        {
            Array.Copy(from, index, to!, 0, count);
            Array.Clear(from, index, count);
        }
    }

    private void Close<T>(T[]? items, int index)
    {
        if (items is not null)
        {
            Array.Copy(items, index + 1, items, index, Count - index);
            items[Count] = default!;
        }
    }

    private void Open(int index)
    {
        Reserve(Count + 1);
        Array.Copy(_keys, index, _keys, index + 1, Count - index);
        if (_values is not null)
        {
            Array.Copy(_values, index, _values, index + 1, Count - index);
        }
        else
        {
            Array.Copy(_children!, index, _children!, index + 1, Count - index);
        }

        Count++;
    }

    private void Reserve(int count)
    {
        if (count <= _keys.Length)
        {
            return;
        }

        var capacity = CapacityFor(count);
        Array.Resize(ref _keys, capacity);
        if (_values is not null)
        {
            Array.Resize(ref _values, capacity);
        }
        else
        {
            Array.Resize(ref _children!, capacity);
        }
    }
}
