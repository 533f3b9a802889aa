using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// The root hash of the gossip, which rides on probes while nothing changes: two nodes that probe each other learn at no cost that they lack
/// something. While something changes, the gossip compares it often enough itself.
/// </summary>
internal sealed class RestingRoot
{
    /// <summary>Null while the node is not at rest.</summary>
    public ulong? Own { get; set; }

    public void Hear(NodeId member, ulong? root, MembershipStep step)
    {
        if (root is not null && Own is not null && root != Own) step.Emit(new MembershipEffect.RootDiffers(member));
    }
}
