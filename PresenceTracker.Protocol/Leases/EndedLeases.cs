using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Leases;

/// <summary>
/// The leases that were ended through this node not long ago. A holder that was paused, or cut off, has not heard of the end, and comes back
/// with the presence; then it is to be told.
/// </summary>
internal sealed class EndedLeases(int max, TimeSpan keptFor)
{
    private readonly Queue<LeaseEnd> _inOrder = [];
    private readonly LookupTable<PresenceId, MonotonicTime> _latest = new();

    /// <summary>The leases of which an end is remembered, in the order of their latest ends.</summary>
    public IEnumerable<PresenceId> Ids => _inOrder.Where(IsLatest).Select(end => end.Id);

    public bool IsEmpty => _latest.Count == 0;

    /// <returns>Whether another one had to be forgotten for it before its time.</returns>
    public bool Add(LeaseEnd end)
    {
        while (_inOrder.TryPeek(out var oldest) && end.At - oldest.At >= keptFor)
        {
            ForgetOldest();
        }

        var isForgotten = _inOrder.Count >= max && ForgetOldest();
        _inOrder.Enqueue(end);
        _latest[end.Id] = end.At;
        return isForgotten;
    }

    /// <summary>The latest end of the lease; null if none is remembered.</summary>
    public LeaseEnd? EndOf(PresenceId id) => _latest.TryGet(id, out var at) ? new LeaseEnd(id, at) : null;

    /// <summary>The lease has been tracked or renewed since that end, and lives again.</summary>
    /// <returns>Whether it was remembered, and no later one of the same lease.</returns>
    public bool Forget(LeaseEnd end) => IsLatest(end) && _latest.Remove(end.Id);

    /// <summary>The lease lives again.</summary>
    public void Forget(PresenceId id) => _latest.Remove(id);

    private bool IsLatest(LeaseEnd end) => EndOf(end.Id) == end;

    private bool ForgetOldest() => Forget(_inOrder.Dequeue());
}
