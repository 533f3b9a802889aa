namespace PresenceTracker.Protocol.Presences;

/// <summary>Why a presence is no longer listed.</summary>
public enum LeaveReason
{
    /// <summary>
    /// It left while this node was cut off for longer than the operation logs reach, and only the outcome was learnt.
    /// </summary>
    Unobserved = 0,

    /// <summary>Its owner ended it.</summary>
    Untracked = 1,

    /// <summary>A newer presence took its place: a lease moved to another node, or a held presence's key came back.</summary>
    Replaced = 2,

    /// <summary>The actor that owned it stopped.</summary>
    OwnerDied = 3,

    /// <summary>The connection that owned it broke, and its leave grace is over.</summary>
    ConnectionLost = 4,

    /// <summary>Its lease was not renewed in time.</summary>
    LeaseExpired = 5,

    /// <summary>Its node left the cluster gracefully.</summary>
    NodeLeft = 6,

    /// <summary>Its node was silent for too long, or was restarted.</summary>
    NodeDown = 7,
}
