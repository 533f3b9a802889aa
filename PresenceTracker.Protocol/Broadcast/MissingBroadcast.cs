using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>A broadcast that was announced and has not come.</summary>
internal sealed class MissingBroadcast
{
    /// <summary>Who has announced it and has not been asked, in that order; each neighbour once at most.</summary>
    public List<NodeId> Announcers { get; } = [];

    /// <summary>Of the timer at which the next of them is asked.</summary>
    public ulong Token { get; set; }
}
