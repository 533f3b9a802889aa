using PresenceTracker.SignalR.Access;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>A connection that is told who is present.</summary>
internal interface IPresenceClient
{
    PresenceCaller Caller { get; }

    /// <summary>Cancelled when the connection has broken.</summary>
    CancellationToken Aborted { get; }

    /// <summary>Completes when the connection has room for more.</summary>
    ValueTask SendAsync(FeedMessage message);

    /// <summary>Ends the connection: the client is to begin anew, because it cannot be told any more what changes.</summary>
    void Abort();
}
