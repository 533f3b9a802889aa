namespace PresenceTracker.Protocol.Presences;

/// <summary>One change for the readers of a topic.</summary>
/// <param name="Presence">Who joined, who left, or the new state after an update.</param>
/// <param name="Previous">The state before an update; null otherwise.</param>
/// <param name="Reason">Why it left; meaningless for joins and updates.</param>
public readonly record struct PresenceEvent(PresenceEventKind Kind, Presence Presence, Presence? Previous, LeaveReason Reason)
{
    public static PresenceEvent Joined(Presence presence) => new(PresenceEventKind.Joined, presence, null, default);

    public static PresenceEvent Left(Presence presence, LeaveReason reason) => new(PresenceEventKind.Left, presence, null, reason);

    public static PresenceEvent Updated(Presence previous, Presence presence) =>
        new(PresenceEventKind.Updated, presence, previous, default);
}
