namespace PresenceTracker.SignalR.Access;

/// <summary>
/// Decides what connections of clients may do, to hubs and to the socket for Phoenix clients. Register one as a singleton; it is asked by several
/// connections at once, and each call of a connection waits for its answer. One that throws refuses the call.
/// </summary>
/// <remarks>
/// Without one, an authenticated user is present under the own user id and no other key, everybody else under any key, and all may list and
/// watch everything.
/// </remarks>
public interface IPresenceAuthorizer
{
    /// <summary>May the caller be in the topic, and speak for that key? Asked at each join, also at one that only gives another meta; not at updates.</summary>
    ValueTask<PresenceAccess> MayJoinAsync(PresenceCaller caller, string topic, string key, CancellationToken cancellationToken);

    /// <summary>May the caller see who is in the topic, without being there? Asked at each list, and when a client only watches, or is told the count.</summary>
    ValueTask<PresenceAccess> MayListAsync(PresenceCaller caller, string topic, CancellationToken cancellationToken);

    /// <summary>May the caller see whether these keys are online?</summary>
    ValueTask<PresenceAccess> MayWatchAsync(PresenceCaller caller, IReadOnlyCollection<string> keys, CancellationToken cancellationToken);
}
