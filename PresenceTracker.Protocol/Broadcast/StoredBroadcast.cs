using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>A broadcast that has come, kept for those who lack it.</summary>
/// <param name="Hops">Those that it made on its way here; none if it began here.</param>
/// <param name="From">Who sent it; null if it began here.</param>
internal sealed record StoredBroadcast(BroadcastId Id, int Hops, NodeId? From, ImmutableArray<byte> Payload, MonotonicTime StoredAt);
