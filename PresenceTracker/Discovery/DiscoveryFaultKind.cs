namespace PresenceTracker.Discovery;

/// <summary>Why something that was to tell of nodes is of no use.</summary>
internal enum DiscoveryFaultKind
{
    /// <summary>A name that has no address now.</summary>
    Unresolved,

    /// <summary>A file that cannot be read now.</summary>
    Unreadable,

    /// <summary>A line of a file that is no address.</summary>
    BadLine,

    /// <summary>Beyond what is taken: addresses, or bytes of a file.</summary>
    TooMany,

    /// <summary>A network in which nothing can be sent or heard now.</summary>
    Unreachable,

    /// <summary>A datagram of another cluster, or of another version.</summary>
    Foreign,

    /// <summary>A datagram that no node sends.</summary>
    Malformed,

    /// <summary>A datagram of this cluster's name without its token, or with one where this node has none.</summary>
    WrongToken,
}
