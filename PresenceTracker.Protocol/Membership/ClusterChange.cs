using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What the cluster around the tracker says of its members. Closed.</summary>
public abstract record ClusterChange
{
    private ClusterChange()
    {
    }

    /// <summary>Who is in it now; comes first, and takes the place of all that was known.</summary>
    public sealed record Snapshot(ImmutableArray<ClusterMember> Members) : ClusterChange;

    /// <summary>A member has been let in, or is on its way out.</summary>
    public sealed record Changed(ClusterMember Member) : ClusterChange;

    /// <summary>Somebody in it gets no heartbeats from the member. No verdict, but a reason to look.</summary>
    public sealed record Unreachable(string Address) : ClusterChange;

    /// <summary>The member is out for good: this life is never let in again.</summary>
    /// <param name="HasLeft">Whether it was asked to, or else was given up.</param>
    public sealed record Removed(ClusterMember Member, bool HasLeft) : ClusterChange;
}
