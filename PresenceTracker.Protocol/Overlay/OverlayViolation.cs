namespace PresenceTracker.Protocol.Overlay;

/// <summary>What a peer did that no correct peer does, or does only while messages cross.</summary>
public enum OverlayViolation
{
    /// <summary>A message from an earlier life of a node that is known in a later one, or from this node's own address.</summary>
    Superseded = 0,

    /// <summary>A walk with more hops to go than any walk begins with, more nodes than any shuffle names, or an unknown priority.</summary>
    Malformed = 1,

    /// <summary>An answer to what was never asked, or was given up before.</summary>
    UnawaitedReply = 2,

    /// <summary>The sender is not held as up or suspect, or not in this life.</summary>
    NotAMember = 3,
}
