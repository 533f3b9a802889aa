namespace PresenceTracker.Errors;

/// <summary>The tracker of this node has stopped, and does nothing more.</summary>
public class TrackerStoppedException(string reason) : PresenceException($"the presence tracker has stopped: {reason}")
{
    public string Reason { get; } = reason;
}
