namespace PresenceTracker.Protocol.Broadcast;

/// <summary>What a peer did that no correct peer does, or does only while a link is made or ended.</summary>
public enum BroadcastViolation
{
    /// <summary>The sender is no neighbour. A payload is taken all the same, for it is data; nothing else is.</summary>
    NotANeighbor = 0,

    /// <summary>No sequence, no hops or too many, too large a payload, or more announcements than fit into a message. Nothing changed.</summary>
    Malformed = 1,

    /// <summary>A broadcast of this node that it has not made. Nothing changed.</summary>
    OwnBroadcast = 2,
}
