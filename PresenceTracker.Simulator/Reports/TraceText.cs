using System.Collections.Immutable;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Reports;

/// <summary>Messages as a trace shows them: their numbers, not their types' names.</summary>
internal static class TraceText
{
    public static string Of(Envelope envelope) => envelope switch
    {
        GossipEnvelope gossip => Of(gossip.Message),
        MembershipEnvelope membership => Of(membership.Message),
        LeaseEnvelope lease => Of(lease.Message),
        OverlayEnvelope overlay => overlay.Message.ToString(),
        BroadcastEnvelope broadcast => Of(broadcast.Message),
        _ => envelope.ToString(),
    };

    private static string Of(BroadcastMessage message) => message switch
    {
        BroadcastMessage.Gossip gossip => $"Gossip {gossip.Id} after {gossip.Hops} hops",
        BroadcastMessage.IHave have => $"IHave {string.Join(", ", have.Announcements)}",
        _ => message.ToString(),
    };

    private static string Of(LeaseMessage message) => message switch
    {
        LeaseMessage.LeaseRequest request => $"LeaseRequest {request.Token} {string.Join(", ", request.Calls)}",
        LeaseMessage.LeaseAnswer answer => $"LeaseAnswer {answer.Token} {string.Join(", ", answer.Results)}",
        _ => message.ToString(),
    };

    private static string Of(MembershipMessage message) => message switch
    {
        MembershipMessage.Ping ping => $"Ping {ping.Token} {Of(ping.Self, ping.Updates)}, root {ping.Root:x}",
        MembershipMessage.PingRequest request => $"PingRequest {request.Token} of {request.Target} {Of(request.Self, request.Updates)}",
        MembershipMessage.Ack ack => $"Ack {ack.Token} {Of(ack.Self, ack.Updates)}, root {ack.Root:x}",
        MembershipMessage.Nack nack => $"Nack {nack.Token} {Of(nack.Self, nack.Updates)}",
        MembershipMessage.Announcement announcement => $"Announcement {Of(announcement.Self, announcement.Updates)}",
        _ => message.ToString(),
    };

    private static string Of(NodeRecord self, ImmutableArray<MemberUpdate> updates) =>
        $"at {self.Refutation}: {string.Join(", ", updates.Select(update => $"{update.Node} {update.Kind} at {update.Refutation}{(update.Accuser is null ? "" : $" by {update.Accuser}")}"))}";

    private static string Of(GossipMessage message) => message switch
    {
        GossipMessage.Push push => $"Push {push.Number} {push.Dots}",
        GossipMessage.PullReply reply => $"PullReply {reply.Token} {(reply.Dots is { } dots ? dots.ToString() : $"nothing of {reply.Replica}")}{(reply.Last ? ", last" : "")}",
        GossipMessage.DigestContexts contexts => $"DigestContexts {string.Join(", ", contexts.Contexts.Select(context => $"{context.Replica}:{context.Context}"))}, reply {contexts.Reply} {contexts.Question}, answer to {contexts.AnswerTo}, synced {contexts.Synced}",
        _ => message.ToString(),
    };
}
