using System.Runtime.Serialization;

namespace PresenceTracker.Wire;

/// <summary>
/// The only thing that decoding throws. It says what is wrong, never quotes what came, and nothing was changed. It is a
/// <see cref="SerializationException"/> because Akka.Remote drops the one message for it, on either side, and keeps the connection.
/// </summary>
internal sealed class WireFormatException(string message) : SerializationException(message);
