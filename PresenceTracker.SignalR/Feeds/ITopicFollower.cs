namespace PresenceTracker.SignalR.Feeds;

/// <summary>What tells one connection of one topic.</summary>
internal interface ITopicFollower
{
    /// <summary>From now on the connection is told.</summary>
    void Start();

    /// <summary>Nothing is sent any more when this has completed.</summary>
    Task EndAsync();
}
