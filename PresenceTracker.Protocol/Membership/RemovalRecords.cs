using System.Diagnostics.CodeAnalysis;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Who was removed, one record per address. Deviation: the SWIM paper forgets a failed member at once; a message that is still under way
/// then brings it back. These records keep it out for as long as a message, or a node that was cut off, can bring old news.
/// </summary>
internal sealed class RemovalRecords(int recordsMax, TimeSpan lifetime)
{
    private readonly SortedDictionary<string, RemovalRecord> _byAddress = new(StringComparer.Ordinal);
    private readonly SortedSet<RemovalRecord> _byAge = new(Comparer<RemovalRecord>.Create(CompareAge));

    public int Count => _byAddress.Count;

    /// <summary>By rising address.</summary>
    public IEnumerable<RemovalRecord> All => _byAddress.Values;

    public bool TryGet(string address, [MaybeNullWhen(false)] out RemovalRecord record) => _byAddress.TryGetValue(address, out record);

    /// <summary>Adds the record, unless what is known of the address reaches further already.</summary>
    public void Add(RemovalRecord record)
    {
        if (_byAddress.TryGetValue(record.Node.Address, out var known))
        {
            if (ReachesFurther(known, record)) return;
            _byAge.Remove(known);
        }
        else if (_byAddress.Count == recordsMax)
        {
            Forget(_byAge.Min!);
        }

        _byAddress[record.Node.Address] = record;
        _byAge.Add(record);
    }

    public void Expire(MonotonicTime now)
    {
        while (_byAge.Min is { } oldest && now - oldest.At >= lifetime)
        {
            Forget(oldest);
        }
    }

    private static bool ReachesFurther(RemovalRecord known, RemovalRecord other)
    {
        var byIncarnation = known.Node.Incarnation.CompareTo(other.Node.Incarnation);
        return byIncarnation != 0 ? byIncarnation > 0 : known.Refutation > other.Refutation;
    }

    private static int CompareAge(RemovalRecord left, RemovalRecord right)
    {
        var byTime = left.At.CompareTo(right.At);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Node.Address, right.Node.Address);
    }

    private void Forget(RemovalRecord record)
    {
        _byAddress.Remove(record.Node.Address);
        _byAge.Remove(record);
    }
}
