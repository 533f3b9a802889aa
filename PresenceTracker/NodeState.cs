namespace PresenceTracker;

/// <summary>A node's life in this node's eyes.</summary>
public enum NodeState
{
    /// <summary>Heard of; its presences are listed.</summary>
    Up,

    /// <summary>Silent for a moment; its presences are still listed.</summary>
    Suspect,

    /// <summary>Silent for too long; its presences are hidden and kept.</summary>
    Down,
}
