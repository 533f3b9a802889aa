namespace PresenceTracker.Handlers;

/// <summary>What a change of one presence is to its key in the topic, over all devices and nodes.</summary>
public enum KeyChange
{
    /// <summary>The key was there before and is there afterwards, on another device; or it came and went at once.</summary>
    None,

    /// <summary>With this join the key is in the topic, and was not before.</summary>
    Came,

    /// <summary>With this leave the key is in the topic no more.</summary>
    Went,
}
