using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Leases;

/// <summary>Ends of leases that a holder is being told again, and has not answered yet.</summary>
/// <param name="IsDecisive">Whether it was told by its own clock since when a renewal counts; else the answer says how late it is there.</param>
internal readonly record struct RepeatedEnds(NodeId Holder, ImmutableArray<LeaseEnd> Ends, bool IsDecisive);
