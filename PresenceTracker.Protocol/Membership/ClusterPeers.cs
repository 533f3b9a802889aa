using System.Collections.Immutable;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Who may be a peer, where a cluster around the tracker decides that: what this says goes into the membership core in the place of seeds. Pure, so
/// that tests can drive it and the cores together on virtual time. How the peers live and die is the core's matter, as ever.
/// </summary>
/// <param name="self">The advertised address of this node.</param>
public sealed class ClusterPeers(string self)
{
    private readonly SortedDictionary<string, ClusterMember> _members = new(StringComparer.Ordinal);

    /// <returns>What the membership core is to be told, in this order.</returns>
    public ImmutableArray<MembershipInput> Handle(ClusterChange change)
    {
        switch (change)
        {
            case ClusterChange.Snapshot(var members):
                _members.Clear();
                foreach (var member in members)
                {
                    _members[member.Address] = member;
                }

                return [Changed()];
            case ClusterChange.Changed(var member):
                // The cluster lets the next life at an address in only after it has removed the last one.
                _members[member.Address] = member;
                return [Changed()];
            case ClusterChange.Unreachable(var address):
                return [new MembershipInput.PeerUnreachable(address)];
            case ClusterChange.Removed(var member, var hasLeft):
                if (_members.TryGetValue(member.Address, out var known) && known.Uid == member.Uid)
                {
                    _members.Remove(member.Address);
                }

                return [Changed(), new MembershipInput.Expelled(member, hasLeft ? LeaveReason.NodeLeft : LeaveReason.NodeDown)];
            default:
                throw new InvariantViolationException($"No rule for the change {change}.");
        }
    }

    // Until this node is in the cluster itself, others there do not take it for a peer, and it does not know them all.
    private MembershipInput Changed() =>
        new MembershipInput.PeersChanged([.. _members.Values], AwaitsMore: !_members.ContainsKey(self));
}
