using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Wire;

/// <summary>What travels between the overlays of two nodes.</summary>
/// <param name="From">The sender as it calls itself now: a later life at the same address is another node.</param>
internal sealed record OverlayEnvelope(NodeId From, OverlayMessage Message) : Envelope;
