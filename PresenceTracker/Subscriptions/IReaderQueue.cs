namespace PresenceTracker.Subscriptions;

/// <summary>What waits for a reader.</summary>
internal interface IReaderQueue
{
    /// <summary>How many diffs wait to be read.</summary>
    int Queued { get; }
}
