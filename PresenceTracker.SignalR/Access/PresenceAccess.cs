namespace PresenceTracker.SignalR.Access;

/// <summary>Whether a caller may do something, and if not, why.</summary>
public sealed class PresenceAccess
{
    private PresenceAccess(string? reason) => Reason = reason;

    public static PresenceAccess Allowed { get; } = new(null);

    /// <summary>Null if it is allowed.</summary>
    public string? Reason { get; }

    /// <param name="reason">Told to the caller.</param>
    public static PresenceAccess Refused(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new PresenceAccess(reason);
    }
}
