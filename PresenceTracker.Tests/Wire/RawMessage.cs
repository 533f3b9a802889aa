namespace PresenceTracker.Tests.Wire;

/// <summary>Goes on the wire exactly as it says.</summary>
public sealed record RawMessage(int SerializerId, string Manifest, byte[] Bytes);
