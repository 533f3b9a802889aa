using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Reading;

/// <summary>What the gossip has published of itself: written by its actor alone, read by any thread without a lock. At most a second old.</summary>
internal sealed class GossipView
{
    // Its cost follows the number of peers, that of the inputs the number of changes. The gossip has an input each second even when all is quiet.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private IReadOnlyList<PeerProgress> _peers = [];
    private long _rounds;
    private MonotonicTime? _publishedAt;

    public IReadOnlyList<PeerProgress> Peers => Volatile.Read(ref _peers);

    public long Rounds => Volatile.Read(ref _rounds);

    /// <summary>To be called after each input; does nothing if it has just been done.</summary>
    public void Publish(GossipCore core, MonotonicTime now)
    {
        if (_publishedAt is { } at && now - at < Pause)
        {
            return;
        }

        _publishedAt = now;
        Volatile.Write(ref _peers, core.Progress(now));
        Volatile.Write(ref _rounds, core.Rounds);
    }
}
