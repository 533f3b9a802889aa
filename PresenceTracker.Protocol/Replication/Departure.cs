using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <param name="Id">Whose dots are dead below <paramref name="Dot"/>.</param>
/// <param name="Presence">What readers still see; null where only the death of older dots is remembered.</param>
/// <param name="Dot">The dot that it stands for.</param>
/// <param name="IsShown">Whether it is in the readable state.</param>
internal sealed record Departure(PresenceId Id, Presence? Presence, ulong Dot, bool IsShown);
