namespace PresenceTracker.Tests.Cluster.Network;

/// <summary>How a network between two nodes fails.</summary>
public enum CutManner
{
    /// <summary>Connections are reset, and new ones refused: both sides notice at once.</summary>
    Reset,

    /// <summary>
    /// Bytes vanish, in both directions; new connections are accepted, and what they carry vanishes too. Nobody is told. A connection that
    /// was swallowed stays so when the cut is over.
    /// </summary>
    Swallow,
}
