using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// The sender's side of the flow control of pushes to one peer. Akka.Remote has none and buffers without bound, so a peer that does not
/// acknowledge gets no more; the digests repair what it misses.
/// </summary>
internal sealed class PushWindow(GossipOptions options)
{
    private readonly Queue<(ulong Number, int Bytes, MonotonicTime SentAt)> _unacknowledged = new();
    private ulong _last;
    private int _bytes;
    private bool _isClosed;

    /// <summary>The number of the last push while any is unacknowledged, else 0.</summary>
    public ulong AwaitedNumber => _unacknowledged.Count > 0 ? _last : 0;

    public int UnacknowledgedPushes => _unacknowledged.Count;

    public int UnacknowledgedBytes => _bytes;

    /// <summary>Whether <see cref="IsOpen"/> would say no. Changes nothing.</summary>
    public bool IsBlocked(MonotonicTime now) =>
        _isClosed || (_unacknowledged.TryPeek(out var oldest) && now - oldest.SentAt > options.PushAgeMax);

    /// <summary>Whether the peer keeps up. Once it has not, it must acknowledge everything before it gets more: half-full windows would leave gap after gap.</summary>
    public bool IsOpen(MonotonicTime now)
    {
        _isClosed = IsBlocked(now);
        return !_isClosed;
    }

    /// <returns>The number of the push, or 0 if it must not be sent.</returns>
    public ulong Take(int bytes, MonotonicTime now)
    {
        _isClosed |= _unacknowledged.Count > 0 && _bytes + bytes > options.PushBytesMax;
        if (!IsOpen(now))
        {
            return 0;
        }

        _last++;
        _bytes += bytes;
        _unacknowledged.Enqueue((_last, bytes, now));
        return _last;
    }

    /// <summary>Every push up to <paramref name="number"/> is handled or lost.</summary>
    public PushAckOutcome Acknowledge(ulong number)
    {
        if (number > _last)
        {
            return PushAckOutcome.Unsent;
        }

        while (_unacknowledged.TryPeek(out var oldest) && oldest.Number <= number)
        {
            _bytes -= oldest.Bytes;
            _unacknowledged.Dequeue();
        }

        if (!_isClosed || _unacknowledged.Count > 0)
        {
            return PushAckOutcome.Taken;
        }

        _isClosed = false;
        return PushAckOutcome.Reopened;
    }
}
