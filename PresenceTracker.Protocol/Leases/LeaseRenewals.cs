using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Leases;

/// <summary>When the own leases of one epoch of a shard were tracked or renewed last, and by which write.</summary>
internal sealed class LeaseRenewals
{
    private readonly LookupTable<PresenceId, (ulong Write, MonotonicTime At)> _latest = new();

    public void Tracked(PresenceId id, MonotonicTime now) => _latest[id] = (0, now);

    public void Renewed(PresenceId id, ulong write, MonotonicTime now) => _latest[id] = (write, now);

    public void Forget(PresenceId id) => _latest.Remove(id);

    /// <summary>The write that renewed the lease last; 0 if none has.</summary>
    public ulong WriteOf(PresenceId id) => _latest.TryGet(id, out var latest) ? latest.Write : 0;

    /// <summary>Whether the lease was tracked or renewed at that time or later.</summary>
    public bool IsRenewedSince(PresenceId id, MonotonicTime time) => !_latest.TryGet(id, out var latest) || latest.At >= time;
}
