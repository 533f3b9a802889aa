using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>A message between overlay cores, under way.</summary>
/// <param name="Sender">As whom the sender spoke; it may have raised its counter since.</param>
internal sealed record OverlayEnvelope(SimulatedNode From, NodeId Sender, OverlayMessage Message) : Envelope(From)
{
    public override ActorName To => ActorName.Overlay;

    public override Envelope Copy() => this;
}
