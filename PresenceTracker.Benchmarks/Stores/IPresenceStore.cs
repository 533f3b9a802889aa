namespace PresenceTracker.Benchmarks.Stores;

/// <summary>What holds presences: the tracker, or what one would use in its place. Callers may call at the same time.</summary>
internal interface IPresenceStore : IAsyncDisposable
{
    string Name { get; }

    /// <summary>How much less is asked of it than of the tracker in the same time, so that the slowest of them does not take hours; 1 for all.</summary>
    int Patience { get; }

    /// <summary>Completes once the presence is listed here.</summary>
    ValueTask TrackAsync(PresenceKey presence);

    /// <summary>Completes once the presence is no longer listed here.</summary>
    ValueTask UntrackAsync(PresenceKey presence);
}
