namespace PresenceTracker.Protocol.Replication;

/// <summary>What came of a track, an update or an untrack.</summary>
public enum TrackStatus
{
    /// <summary>The presence is listed now.</summary>
    Tracked,

    /// <summary>The same owner already tracks the key in the topic; nothing changed.</summary>
    AlreadyTracked,

    /// <summary>The presence has the new meta and a new ref.</summary>
    Updated,

    /// <summary>The new meta equals the present one; nothing changed, and nobody is told.</summary>
    Unchanged,

    /// <summary>The presence is no longer listed.</summary>
    Untracked,

    /// <summary>There is no such presence of that owner on this node; nothing changed.</summary>
    NotTracked,

    /// <summary>The presence has changed since the caller read it; nothing changed.</summary>
    Conflict,
}
