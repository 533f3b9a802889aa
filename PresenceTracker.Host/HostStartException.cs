namespace PresenceTracker.Host;

/// <summary>The program cannot run as it was asked to; the message is for whoever started it.</summary>
internal sealed class HostStartException(string message) : Exception(message);
