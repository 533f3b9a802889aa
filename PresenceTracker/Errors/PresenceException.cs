namespace PresenceTracker.Errors;

/// <summary>The caller asked for something that the tracker does not do. Nothing was changed.</summary>
public abstract class PresenceException(string message, Exception? inner = null) : Exception(message, inner);
