using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>That a life was removed, so that nothing of it is taken for news.</summary>
/// <param name="Refutation">Up to which refutation it is removed; <see cref="NeverAgain"/> after a graceful leave.</param>
internal sealed record RemovalRecord(NodeId Node, ulong Refutation, LeaveReason Reason, MonotonicTime At)
{
    /// <summary>A life that has said itself that it is over cannot refute it.</summary>
    public const ulong NeverAgain = ulong.MaxValue;
}
