namespace PresenceTracker.Protocol.Gossip;

/// <summary>What an acknowledgement did to a <see cref="PushWindow"/>.</summary>
internal enum PushAckOutcome
{
    Taken,

    /// <summary>The peer had fallen behind and has now caught up with what it was sent; it has missed what it was not.</summary>
    Reopened,

    /// <summary>No such push was ever sent.</summary>
    Unsent,
}
