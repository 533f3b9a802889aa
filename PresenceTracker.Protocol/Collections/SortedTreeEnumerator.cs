namespace PresenceTracker.Protocol.Collections;

/// <summary>Walks over a <see cref="SortedTree{TValue}"/> by rising keys.</summary>
internal struct SortedTreeEnumerator<TValue>
{
    // The inner nodes on the way to the leaf, and in each the child that comes next.
    private readonly Stack<(SortedTreeNode<TValue> Node, int Next)>? _path;
    private SortedTreeNode<TValue>? _leaf;
    private int _index = -1;

    public SortedTreeEnumerator(SortedTreeNode<TValue>? root)
    {
        if (root is null or { IsLeaf: true })
        {
            _leaf = root;
            return;
        }

        _path = new();
        _leaf = FirstLeafOf(root);
    }

    public readonly string Key => _leaf!.KeyAt(_index);

    public readonly TValue Value => _leaf!.ValueAt(_index);

    public bool MoveNext()
    {
        if (_leaf is not null && ++_index < _leaf.Count)
        {
            return true;
        }

        return _leaf is not null && MoveToNextLeaf();
    }

    private bool MoveToNextLeaf()
    {
        _leaf = null;
        while (_path is not null && _path.TryPop(out var step))
        {
            if (step.Next < step.Node.Count)
            {
                _path.Push((step.Node, step.Next + 1));
                _leaf = FirstLeafOf(step.Node.ChildAt(step.Next));
                _index = 0;
                return true;
            }
        }

        return false;
    }

    private readonly SortedTreeNode<TValue> FirstLeafOf(SortedTreeNode<TValue> node)
    {
        while (!node.IsLeaf)
        {
            _path!.Push((node, 1));
            node = node.ChildAt(0);
        }

        return node;
    }
}
