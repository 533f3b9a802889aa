namespace PresenceTracker.Protocol.Membership;

/// <summary>What an update says of a node. Of two updates of one life at one refutation the higher kind rules.</summary>
public enum UpdateKind
{
    /// <summary>It was heard of.</summary>
    Alive = 0,

    /// <summary>It is doubted, and may refute that.</summary>
    Suspect = 1,

    /// <summary>A suspicion of it was not refuted in time; it still may do so.</summary>
    Down = 2,

    /// <summary>It has stopped gracefully, which it cannot refute.</summary>
    Left = 3,
}
