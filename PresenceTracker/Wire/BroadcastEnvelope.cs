using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Wire;

/// <summary>What travels between neighbours in the overlay, for all nodes.</summary>
/// <param name="From">The sender as it calls itself now: a later life at the same address is another node.</param>
internal sealed record BroadcastEnvelope(NodeId From, BroadcastMessage Message) : Envelope;
