using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>What a decision of the membership means for the gossip.</summary>
public static class PeerInputs
{
    public static IEnumerable<GossipInput> Of(MembershipEffect effect) => effect switch
    {
        MembershipEffect.NodeUp(var record) => [new GossipInput.PeerUp(record.Node)],
        MembershipEffect.NodeReturned(var record) => [new GossipInput.PeerUp(record.Node)],
        MembershipEffect.NodeSuspected(var node) => [new GossipInput.PeerSuspected(node)],
        MembershipEffect.NodeTrusted(var node) => [new GossipInput.PeerTrusted(node)],
        MembershipEffect.NodeDown(var node) => [new GossipInput.PeerGone(node)],
        MembershipEffect.NodeRemoved(var node, _) => [new GossipInput.PeerGone(node)],
        MembershipEffect.NodeRenamed(var old, var record) => [new GossipInput.PeerGone(old), new GossipInput.PeerUp(record.Node)],
        MembershipEffect.SeedsContacted(var unanswered) => [new GossipInput.SeedsPending(unanswered.Length)],
        MembershipEffect.RootDiffers(var node) => [new GossipInput.RootDiffers(node)],
        _ => [],
    };
}
