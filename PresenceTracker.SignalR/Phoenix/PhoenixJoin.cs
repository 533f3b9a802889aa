using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Phoenix;

/// <param name="PreviousRef">The ref that this presence had before; null if it is new.</param>
internal readonly record struct PhoenixJoin(Presence Presence, string? PreviousRef);
