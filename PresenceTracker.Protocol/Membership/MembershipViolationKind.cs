namespace PresenceTracker.Protocol.Membership;

/// <summary>In which way a peer broke the protocol.</summary>
public enum MembershipViolationKind
{
    /// <summary>A hello of another protocol version.</summary>
    OtherProtocolVersion = 0,

    /// <summary>A hello from another cluster.</summary>
    OtherClusterName = 1,

    /// <summary>A hello from a node with another number of shards.</summary>
    OtherShardCount = 2,

    /// <summary>A node refuses this one, which is running already.</summary>
    RefusedWhileRunning = 3,

    /// <summary>An address, counter, refutation, epoch or update outside its limits.</summary>
    MalformedRecord = 4,

    /// <summary>A welcome for a greeting that was never sent.</summary>
    UnaskedWelcome = 5,

    /// <summary>A notice that is not about this node.</summary>
    MisaddressedNotice = 6,

    /// <summary>Another process says that it is at this node's address.</summary>
    AddressClaimed = 7,

    /// <summary>One more node than may be known.</summary>
    TooManyAddresses = 8,

    /// <summary>A hello or a welcome from a node without the cluster's token, or with one where this node has none.</summary>
    OtherToken = 9,

    /// <summary>
    /// A message of a node that the cluster around the tracker does not know. Some are normal while a node joins, because not all hear of it at
    /// the same moment.
    /// </summary>
    OutsideCluster = 10,
}
