using PresenceTracker.Errors;

namespace PresenceTracker.SignalR.Access;

/// <summary>What a client asks for is refused; the message goes to it as the reason.</summary>
internal sealed class PresenceRefusedException(string reason) : PresenceException(reason);
