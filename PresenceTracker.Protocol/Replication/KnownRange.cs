namespace PresenceTracker.Protocol.Replication;

/// <summary>The dots (from, to] of a replica, known exactly as they were at version <paramref name="AsOf"/> or later.</summary>
internal readonly record struct KnownRange(ulong From, ulong To, ulong AsOf);
