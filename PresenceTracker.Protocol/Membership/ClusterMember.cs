namespace PresenceTracker.Protocol.Membership;

/// <summary>One life of a process in the eyes of the cluster around the tracker.</summary>
/// <param name="Address">As <c>host:port</c>, and as the tracker there advertises itself.</param>
/// <param name="Uid">
/// By which that cluster tells the lives at an address apart. It is the lower half of the process id in the incarnation of the tracker there.
/// </param>
/// <param name="IsLeaving">Whether it is on its way out: it serves until it says goodbye or is removed, but nobody need greet it any more.</param>
public readonly record struct ClusterMember(string Address, uint Uid, bool IsLeaving = false);
