using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Wire;

/// <summary>What travels between the gossip endpoints of two nodes.</summary>
/// <param name="From">The sender as it calls itself now: a later life at the same address is another node.</param>
internal sealed record GossipEnvelope(NodeId From, GossipMessage Message) : Envelope;
