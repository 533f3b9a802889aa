namespace PresenceTracker.Protocol.Membership;

/// <summary>A node's life in the eyes of another.</summary>
public enum MemberState
{
    /// <summary>Visible.</summary>
    Up = 0,

    /// <summary>Visible, but doubted.</summary>
    Suspect = 1,

    /// <summary>Hidden, state kept: it comes back without a transfer.</summary>
    Down = 2,

    /// <summary>Purged; a removal record is what is left.</summary>
    Removed = 3,
}
