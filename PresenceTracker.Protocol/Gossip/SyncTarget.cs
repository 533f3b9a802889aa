using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// What a new node must have before it is synced: the pointwise maximum of the contexts that synced peers had when they were first read. It does
/// not follow their later changes, which would make a moving target.
/// </summary>
internal sealed class SyncTarget(ContextTable contexts, TimeSpan introductionWait)
{
    private readonly SortedDictionary<ReplicaId, (ulong Context, MonotonicTime ReadAt)> _missing = [];

    /// <summary>How many peers it was read from.</summary>
    public int PeersRead { get; private set; }

    public void Add(ImmutableArray<ReplicaContext> read, MonotonicTime now)
    {
        PeersRead++;
        foreach (var (replica, context) in read)
        {
            _missing[replica] = _missing.TryGetValue(replica, out var known) && known.Context > context ? known : (context, now);
        }
    }

    /// <summary>A replica that is no longer held leaves the target.</summary>
    public void Remove(ReplicaId replica) => _missing.Remove(replica);

    /// <summary>
    /// Whether all is here. A replica that is not held yet is waited for, but not for long: its node may be one that the peer reaches and we do not.
    /// </summary>
    /// <param name="due">If the answer can become yes by waiting alone: when to ask again.</param>
    public bool IsReached(MonotonicTime now, out MonotonicTime? due)
    {
        due = null;
        var settled = new List<ReplicaId>();
        foreach (var (replica, (context, readAt)) in _missing)
        {
            var waitsUntil = readAt + introductionWait;
            if (contexts.PositionOf(replica) is { } position ? position.Context >= context : now >= waitsUntil)
            {
                settled.Add(replica);
            }
            else if (contexts.PositionOf(replica) is not null)
            {
                // One that is still on its way is answer enough: asked at each move, the whole target is not looked through each time.
                due = null;
                break;
            }
            else if (due is null || waitsUntil < due)
            {
                due = waitsUntil;
            }
        }

        foreach (var replica in settled)
        {
            _missing.Remove(replica);
        }

        return _missing.Count == 0;
    }
}
