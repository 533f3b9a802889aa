namespace PresenceTracker.Protocol.Replication;

/// <summary>What came of a track, an update or an untrack. The numbers are on the wire.</summary>
public enum TrackStatus
{
    /// <summary>The presence is listed now.</summary>
    Tracked = 0,

    /// <summary>The same owner already tracks the key in the topic; nothing changed.</summary>
    AlreadyTracked = 1,

    /// <summary>The presence has the new meta and a new ref.</summary>
    Updated = 2,

    /// <summary>The new meta equals the present one; nothing changed, and nobody is told.</summary>
    Unchanged = 3,

    /// <summary>The presence is no longer listed.</summary>
    Untracked = 4,

    /// <summary>There is no such presence of that owner on this node; nothing changed.</summary>
    NotTracked = 5,

    /// <summary>The presence has changed since the caller read it; nothing changed.</summary>
    Conflict = 6,

    /// <summary>
    /// The node that holds the lease did not answer, and only it can end the presence: that leaves with its node or when its lease runs out.
    /// </summary>
    Unanswered = 7,
}
