using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Owners;

/// <summary>One presence of this node, and what it hangs on.</summary>
internal sealed class OwnedPresence(Owner owner, Presence presence)
{
    /// <summary>As it was first; of a lease only the id counts, for it may be renewed for another duration.</summary>
    public Owner Owner { get; } = owner;

    public Presence Presence { get; set; } = presence;

    /// <summary>When the lease runs out; null for other owners.</summary>
    public MonotonicTime? Deadline { get; set; }

    /// <summary>The connection broke, and the presence is held for its leave grace.</summary>
    public bool IsDisconnected { get; set; }

    /// <summary>Its owner is gone, and the shard has been told to end it.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Of a lease: the last renewal that was heard of in the shard's epoch; 0 if none.</summary>
    public ulong Renewal { get; set; }

    /// <summary>The presence, for the shard's next epoch: renewals are counted anew there.</summary>
    public Presence Replay()
    {
        Renewal = 0;
        return Presence;
    }
}
