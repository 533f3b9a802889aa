#pragma warning disable RS0030 // The one place where a hash table is wrapped: it cannot be enumerated, so its order cannot leak.
using System.Diagnostics.CodeAnalysis;

namespace PresenceTracker.Protocol.Collections;

/// <summary>A hash table without enumeration. The core must not depend on hash order, and this type makes that impossible.</summary>
internal sealed class LookupTable<TKey, TValue>(IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> _items = new(comparer);

    public TValue this[TKey key]
    {
        set => _items[key] = value;
    }

    public int Count => _items.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _items.TryGetValue(key, out value);

    public bool Contains(TKey key) => _items.ContainsKey(key);

    public bool Remove(TKey key) => _items.Remove(key);

    public bool Remove(TKey key, [MaybeNullWhen(false)] out TValue value) => _items.Remove(key, out value);

    public void Clear() => _items.Clear();
}
