namespace PresenceTracker.Errors;

/// <summary>
/// The tracker of this node has stopped, and does nothing more. A call that was under way may have taken effect; what this node held, its peers
/// drop.
/// </summary>
public class TrackerStoppedException(string reason) : PresenceException($"the presence tracker has stopped: {reason}")
{
    public string Reason { get; } = reason;
}
