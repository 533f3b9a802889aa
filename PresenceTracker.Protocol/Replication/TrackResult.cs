namespace PresenceTracker.Protocol.Replication;

/// <param name="Ref">The ref of the presence as it is now; null if there is none.</param>
public readonly record struct TrackResult(TrackStatus Status, string? Ref);
