namespace PresenceTracker.Tests.Surface;

/// <summary>A meta as a program would type it.</summary>
internal sealed record RoomMeta(string Status, int Count);
