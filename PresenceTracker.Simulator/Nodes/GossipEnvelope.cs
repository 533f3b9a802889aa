using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>A message between gossip cores, under way.</summary>
/// <param name="Sender">As whom the sender spoke; it may have raised its counter since.</param>
internal sealed record GossipEnvelope(SimulatedNode From, NodeId Sender, GossipMessage Message) : Envelope(From)
{
    public override ActorName To => ActorName.Heartbeat;

    public override Envelope Copy() => Message switch
    {
        GossipMessage.Push push => this with { Message = push with { Dots = Copy(push.Dots) } },
        GossipMessage.PullReply { Dots: { } dots } reply => this with { Message = reply with { Dots = Copy(dots) } },
        _ => this,
    };

    private static Dots Copy(Dots dots) => dots with
    {
        Entries = [.. dots.Entries.Select(entry => new Presence(
            entry.Replica, entry.Dot, entry.Id, entry.Ref, entry.Meta, entry.LeaveGrace, entry.Term))],
    };
}
