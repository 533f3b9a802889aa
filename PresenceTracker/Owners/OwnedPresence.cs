using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Owners;

/// <summary>One presence of this node, and what it hangs on.</summary>
internal sealed class OwnedPresence(Owner owner, Presence presence)
{
    /// <summary>The latest: a lease may have been renewed for another duration.</summary>
    public Owner Owner { get; set; } = owner;

    public Presence Presence { get; set; } = presence;

    /// <summary>When the lease runs out; null for other owners.</summary>
    public MonotonicTime? Deadline { get; set; }

    /// <summary>The connection broke, and the presence is held for its leave grace.</summary>
    public bool IsDisconnected { get; set; }

    /// <summary>Its owner is gone, and the shard has been told to end it.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Its lease was renewed after the shard had been told to end it.</summary>
    public bool IsRevived { get; set; }
}
