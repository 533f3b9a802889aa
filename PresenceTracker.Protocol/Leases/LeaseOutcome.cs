namespace PresenceTracker.Protocol.Leases;

/// <summary>What came of asking the holder of a lease.</summary>
public enum LeaseOutcome
{
    /// <summary>The holder has answered.</summary>
    Answered,

    /// <summary>The holder is not up, went away, or did not answer in time. It may still carry out what was asked.</summary>
    Unanswered,

    /// <summary>Too many requests wait for an answer already; nothing was sent.</summary>
    Refused,
}
