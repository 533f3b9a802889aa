using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>What came of one <see cref="WriteOperation"/>.</summary>
/// <param name="Presence">The own presence at the end of the turn; null if there is none.</param>
/// <param name="Renewal">Of a lease: which write of this epoch renewed it last; 0 if none has.</param>
public readonly record struct WriteResult(TrackResult Result, Presence? Presence, ulong Renewal);
