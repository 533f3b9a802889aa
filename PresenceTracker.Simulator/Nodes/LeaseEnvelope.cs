using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>A message between lease cores, under way.</summary>
/// <param name="Sender">As whom the sender spoke; it may have raised its counter since.</param>
internal sealed record LeaseEnvelope(SimulatedNode From, NodeId Sender, LeaseMessage Message) : Envelope(From)
{
    public override ActorName To => ActorName.Leases;

    public override Envelope Copy() => this;
}
