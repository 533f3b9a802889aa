namespace PresenceTracker.Protocol.Broadcast;

/// <summary>The sender has this broadcast and has not sent it to the receiver.</summary>
/// <param name="Hops">Those that it would have made on its way to the receiver.</param>
public readonly record struct Announcement(BroadcastId Id, int Hops);
