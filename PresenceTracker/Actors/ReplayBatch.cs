using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Actors;

/// <summary>Local presences that a shard in a new epoch must list again, with the refs that they had.</summary>
/// <param name="IsLast">Whether the shard has all of them now.</param>
internal sealed record ReplayBatch(IReadOnlyList<Presence> Presences, IReadOnlyList<PresenceId> Disconnected, bool IsLast);
