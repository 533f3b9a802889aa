using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Actors;

/// <summary>
/// Which replica a shard writes, and whether it may go on; kept by the supervisor across the shard's crashes, so that no epoch is used twice.
/// </summary>
internal sealed class ShardIdentity(NodeId node, int shard)
{
    // Three crashes in ten seconds: the fault is not passing, and going on would only hide it.
    private const int CrashesMax = 2;
    private static readonly TimeSpan CrashesWithin = TimeSpan.FromSeconds(10);

    private readonly Queue<TimeSpan> _crashes = [];
    private int _nextEpoch;

    /// <summary>The node's identity as of the next epoch.</summary>
    public NodeId Node { get; set; } = node;

    /// <summary>Whether it has crashed too often to go on.</summary>
    public bool IsDown { get; private set; }

    /// <summary>The replica of an epoch that begins now.</summary>
    public ReplicaId BeginEpoch() => new(Node, shard, _nextEpoch++);

    /// <param name="now">By a monotonic clock.</param>
    public void Crashed(TimeSpan now)
    {
        while (_crashes.TryPeek(out var oldest) && now - oldest > CrashesWithin)
        {
            _crashes.Dequeue();
        }

        _crashes.Enqueue(now);
        IsDown |= _crashes.Count > CrashesMax;
    }
}
