namespace PresenceTracker.Protocol;

/// <summary>
/// Our own code is wrong. Never caught: the shard that throws it is restarted in a new epoch, because its state can no longer be trusted.
/// </summary>
public sealed class InvariantViolationException(string message) : Exception(message);
