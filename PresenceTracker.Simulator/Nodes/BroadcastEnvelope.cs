using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>A message between broadcast cores, under way.</summary>
/// <param name="Sender">As whom the sender spoke; it may have raised its counter since.</param>
internal sealed record BroadcastEnvelope(SimulatedNode From, NodeId Sender, BroadcastMessage Message) : Envelope(From)
{
    public override ActorName To => ActorName.Overlay;

    public override Envelope Copy() => this;
}
