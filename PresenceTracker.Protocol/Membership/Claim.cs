namespace PresenceTracker.Protocol.Membership;

/// <summary>What a record that a node gives of itself means to us, given what we know of its address.</summary>
internal enum Claim
{
    /// <summary>Nothing stands against it, and it is not a member.</summary>
    Newcomer,

    /// <summary>The member we know.</summary>
    SameLife,

    /// <summary>The process we know, under a higher counter.</summary>
    Renamed,

    /// <summary>Another process that supersedes the one we know.</summary>
    LaterLife,

    /// <summary>A process that a later life at its address supersedes.</summary>
    EarlierLife,

    /// <summary>A late message of the process we know, from before it raised its counter.</summary>
    Outdated,

    /// <summary>The life that was removed, and has not refuted it.</summary>
    Removed,
}
