using System.Diagnostics.CodeAnalysis;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>The last broadcasts, bounded by number, bytes and age: the oldest are forgotten first.</summary>
internal sealed class PayloadStore(BroadcastOptions options)
{
    private readonly LookupTable<BroadcastId, StoredBroadcast> _byId = new();
    private readonly Queue<StoredBroadcast> _byAge = [];
    private long _bytes;

    public bool IsEmpty => _byAge.Count == 0;

    public bool TryGet(BroadcastId id, [MaybeNullWhen(false)] out StoredBroadcast stored) => _byId.TryGet(id, out stored);

    public void Add(StoredBroadcast broadcast)
    {
        while (_byAge.Count > 0 && (_byAge.Count >= options.StoredMax || _bytes + broadcast.Payload.Length > options.StoredBytesMax))
        {
            ForgetOldest();
        }

        _byId[broadcast.Id] = broadcast;
        _byAge.Enqueue(broadcast);
        _bytes += broadcast.Payload.Length;
    }

    /// <summary>Forgets what has been kept for long enough.</summary>
    public void Forget(MonotonicTime now)
    {
        while (_byAge.TryPeek(out var oldest) && now - oldest.StoredAt >= options.StoredFor)
        {
            ForgetOldest();
        }
    }

    private void ForgetOldest()
    {
        var oldest = _byAge.Dequeue();
        _byId.Remove(oldest.Id);
        _bytes -= oldest.Payload.Length;
    }
}
