namespace PresenceTracker.Protocol.Leases;

/// <summary>What a peer did that no correct peer does, or does only for the moment in which two nodes learn of each other.</summary>
public enum LeaseViolation
{
    /// <summary>The sender is not held as up or suspect.</summary>
    NotAPeer = 0,

    /// <summary>A request without a call, or with more than a message takes.</summary>
    MalformedRequest = 1,

    /// <summary>More requests at one time than a node may have outstanding.</summary>
    TooManyRequests = 2,

    /// <summary>An answer that does not fit the calls, or to a request that another node was sent.</summary>
    MalformedAnswer = 3,
}
