namespace PresenceTracker.Protocol.Replication;

/// <summary>What came of a message of dots. Only <see cref="Applied"/> and <see cref="Incomplete"/> touch the state.</summary>
public enum ApplyVerdict
{
    /// <summary>The replica is as new as the message's sender holds it.</summary>
    Applied,

    /// <summary>Taken in, but something before or beside it is missing and must be asked for.</summary>
    Incomplete,

    /// <summary>Everything in it was known.</summary>
    Stale,

    /// <summary>The membership has not told of the replica, or is about to hide or purge it: dropped, the next round repairs it.</summary>
    UnknownReplica,

    /// <summary>Someone else claims to write this replica's own dots: dropped and counted.</summary>
    OwnReplica,

    /// <summary>The message contradicts itself, or names a topic of another shard: dropped and counted.</summary>
    Malformed,

    /// <summary>The message would scatter what is known over too many ranges: dropped and counted.</summary>
    TooScattered,
}
