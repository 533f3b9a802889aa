namespace PresenceTracker.Protocol.Gossip;

/// <summary>What a peer did that no correct peer does, or does only for the moment in which two nodes learn of each other.</summary>
public enum GossipViolation
{
    /// <summary>The sender is not held as up or suspect.</summary>
    NotAPeer = 0,

    /// <summary>A push without a number, or more unhandled pushes than any window allows.</summary>
    MalformedPush = 1,

    /// <summary>An acknowledgement of a push that was never sent.</summary>
    AckOfUnsentPush = 2,

    /// <summary>A digest whose buckets are no power of two, are too many, lie outside the shards or are not rising.</summary>
    MalformedDigest = 3,

    /// <summary>Dots of this node's own replica, or a context of it above its own.</summary>
    OwnReplica = 4,

    /// <summary>The answer to a pull carries dots of another replica than it names.</summary>
    ReplicaMismatch = 5,
}
