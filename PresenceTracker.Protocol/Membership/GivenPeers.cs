using System.Collections.Immutable;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What the cluster around the tracker says of who may be a peer, and who not any more.</summary>
internal sealed class GivenPeers(MembershipOptions options, OwnLife self, MemberTable members, Greeter greeter, Admission admission)
{
    public void OnChanged(MembershipInput.PeersChanged changed, MembershipStep step)
    {
        ImmutableArray<string> greeted = [.. changed.Members.Where(member => !member.IsLeaving).Select(member => member.Address)];
        options.ValidateSeeds(greeted);
        admission.Set(changed.Members);
        greeter.SetSeeds(greeted, changed.AwaitsMore, step);
    }

    public void OnExpelled(ClusterMember member, LeaveReason reason, MembershipStep step)
    {
        if (member.Address != self.Address)
        {
            members.Expel(member, reason, step);
        }
        else if (member.Uid == Admission.UidOf(self.Node))
        {
            step.Emit(new MembershipEffect.StopNode(new StopCause.Expelled(self.Address)));
        }
    }
}
