using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>Who may be a member, where a cluster around the tracker decides that; everybody who fits, where none does.</summary>
internal sealed class Admission(MembershipOptions options)
{
    private readonly SortedDictionary<string, uint> _uids = new(StringComparer.Ordinal);

    public void Set(ImmutableArray<ClusterMember> members)
    {
        _uids.Clear();
        foreach (var member in members)
        {
            _uids[member.Address] = member.Uid;
        }
    }

    public bool Admits(NodeId node) =>
        !options.PeersAreGiven || (_uids.TryGetValue(node.Address, out var uid) && uid == UidOf(node));

    /// <summary>Whether there may be a peer at the address.</summary>
    public bool Admits(string address) => !options.PeersAreGiven || _uids.ContainsKey(address);

    public static uint UidOf(NodeId node) => (uint)node.Incarnation.ProcessId;
}
