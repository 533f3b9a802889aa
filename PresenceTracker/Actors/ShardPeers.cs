using Akka.Actor;
using PresenceTracker.Diagnostics;

namespace PresenceTracker.Actors;

/// <summary>The other actors of the node that a shard speaks to.</summary>
internal sealed record ShardPeers(IActorRef Heartbeat, IActorRef OwnerWatch, IActorRef Publisher, PresenceMetrics Metrics);
