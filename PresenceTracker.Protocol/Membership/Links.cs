using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>Whom this node probes and tells its news: everybody, or, in a large cluster, its neighbours in the overlay.</summary>
internal sealed class Links
{
    /// <summary>Whether there are neighbours, and everybody else is beyond them.</summary>
    public bool ArePartial { get; private set; }

    /// <summary>The addresses of the neighbours; empty where each speaks to all.</summary>
    public ImmutableArray<string> Neighbors { get; private set; } = [];

    public void Change(ImmutableArray<NodeId>? neighbors)
    {
        ArePartial = neighbors is not null;
        Neighbors = neighbors is { } nodes ? [.. nodes.Select(node => node.Address).Take(MembershipOptions.NeighborsMax)] : [];
    }

    public bool Reach(string address) => !ArePartial || Neighbors.Contains(address);
}
