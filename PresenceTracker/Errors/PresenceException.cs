namespace PresenceTracker.Errors;

/// <summary>The tracker does not do what the caller asked for. Each kind says whether anything was changed.</summary>
public abstract class PresenceException(string message, Exception? inner = null) : Exception(message, inner);
