namespace PresenceTracker.Protocol.Presences;

/// <summary>What happened to one presence.</summary>
public enum PresenceEventKind
{
    Joined,
    Left,

    /// <summary>Its meta changed; an event of its own, not a leave and a join.</summary>
    Updated,
}
