using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>Of which replicas more has been heard than is applied here, how much more, and since when.</summary>
internal sealed class ReplicationLag(ContextTable contexts)
{
    private readonly SortedDictionary<ReplicaId, Missing> _missing = [];

    /// <summary>Somebody has the replica, which is not our own, up to that context.</summary>
    public void Heard(ReplicaId replica, ulong context, MonotonicTime now)
    {
        if (contexts.PositionOf(replica) is not { } position || context <= position.Context)
        {
            return;
        }

        _missing[replica] = _missing.TryGetValue(replica, out var known)
            ? known with { Heard = Math.Max(context, known.Heard) }
            : new Missing(context, context, now);
    }

    /// <summary>The highest context heard of, or 0 if nothing is known to be missing.</summary>
    public ulong HeardOf(ReplicaId replica) => _missing.TryGetValue(replica, out var missing) ? missing.Heard : 0;

    /// <summary>Something of the replica was applied.</summary>
    public void Moved(ReplicaId replica, ulong context, MonotonicTime now)
    {
        if (!_missing.TryGetValue(replica, out var known))
        {
            return;
        }

        if (context >= known.Heard)
        {
            _missing.Remove(replica);
        }
        else if (context >= known.Awaited)
        {
            // Under a steady load there is always something on its way. What counts is how long that has been so of the same operations.
            _missing[replica] = new Missing(known.Heard, known.Heard, now);
        }
    }

    public void Removed(ReplicaId replica) => _missing.Remove(replica);

    /// <summary>By node; only those with something missing. Costs O(replicas with something missing).</summary>
    public SortedDictionary<NodeId, (ulong Operations, TimeSpan Behind)> ByNode(MonotonicTime now)
    {
        var lags = new SortedDictionary<NodeId, (ulong Operations, TimeSpan Behind)>();
        foreach (var (replica, missing) in _missing)
        {
            var (operations, behind) = lags.GetValueOrDefault(replica.Node);
            var age = now - missing.Since;
            lags[replica.Node] = (
                operations + missing.Heard - contexts.PositionOf(replica)!.Value.Context, age > behind ? age : behind);
        }

        return lags;
    }

    /// <param name="Heard">The highest context heard of.</param>
    /// <param name="Awaited">That which was the highest at the time.</param>
    private readonly record struct Missing(ulong Heard, ulong Awaited, MonotonicTime Since);
}
