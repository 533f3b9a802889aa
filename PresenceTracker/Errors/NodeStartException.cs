namespace PresenceTracker.Errors;

/// <summary>The node cannot start as it is configured, for example because its port is taken.</summary>
public sealed class NodeStartException(string message, Exception? inner = null) : PresenceException(message, inner);
