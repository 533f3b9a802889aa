using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>A message between monitors, under way.</summary>
internal sealed record MembershipEnvelope(SimulatedNode From, MembershipMessage Message) : Envelope(From)
{
    public override ActorName To => ActorName.Monitor;

    public override Envelope Copy() => this;
}
