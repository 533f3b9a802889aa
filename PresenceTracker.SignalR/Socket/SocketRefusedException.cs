using PresenceTracker.Errors;

namespace PresenceTracker.SignalR.Socket;

/// <summary>What a client asks for is refused; the message goes to it as the reason.</summary>
internal sealed class SocketRefusedException(string reason) : PresenceException(reason);
