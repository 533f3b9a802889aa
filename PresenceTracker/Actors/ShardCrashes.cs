namespace PresenceTracker.Actors;

/// <summary>Whether a shard may go on; kept by the supervisor across the shard's crashes.</summary>
internal sealed class ShardCrashes
{
    // Three crashes in ten seconds: the fault is not passing, and going on would only hide it.
    private const int CrashesMax = 2;
    private static readonly TimeSpan CrashesWithin = TimeSpan.FromSeconds(10);

    private readonly Queue<TimeSpan> _crashes = [];

    /// <summary>Whether it has crashed too often to go on.</summary>
    public bool IsDown { get; private set; }

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
