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

    /// <summary>Whether there was none when they were last looked through.</summary>
    public bool IsEmpty => _latest.Count == 0;

    /// <summary>The leases of which an end is remembered, in the order of their latest ends.</summary>
    public IEnumerable<PresenceId> Ids(MonotonicTime now)
    {
        ForgetOlder(now);
        return _inOrder.Where(IsLatest).Select(end => end.Id);
    }

    /// <returns>Whether another one had to be forgotten for it before its time.</returns>
    public bool Add(LeaseEnd end)
    {
        ForgetOlder(end.At);
        var isForgotten = _inOrder.Count >= max && ForgetOldest();
        _inOrder.Enqueue(end);
        _latest[end.Id] = end.At;
        return isForgotten;
    }

    /// <summary>The latest end of the lease; null if none is remembered.</summary>
    public LeaseEnd? EndOf(PresenceId id, MonotonicTime now)
    {
        ForgetOlder(now);
        return LatestOf(id);
    }

    /// <summary>The lease has been tracked or renewed since that end, and lives again.</summary>
    /// <returns>Whether it was remembered, and no later one of the same lease.</returns>
    public bool Forget(LeaseEnd end) => IsLatest(end) && _latest.Remove(end.Id);

    /// <summary>The lease lives again.</summary>
    public void Forget(PresenceId id) => _latest.Remove(id);

    private LeaseEnd? LatestOf(PresenceId id) => _latest.TryGet(id, out var at) ? new LeaseEnd(id, at) : null;

    private bool IsLatest(LeaseEnd end) => LatestOf(end.Id) == end;

    private void ForgetOlder(MonotonicTime now)
    {
        while (_inOrder.TryPeek(out var oldest) && now - oldest.At >= keptFor)
        {
            ForgetOldest();
        }
    }

    private bool ForgetOldest() => Forget(_inOrder.Dequeue());
}
