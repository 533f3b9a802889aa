using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>The timers of the overlay core. Each carries a token, so that one that is no longer wanted is recognised.</summary>
public abstract record OverlayTimer(ulong Token)
{
    /// <summary>The next shuffle, and what else is done in each <see cref="OverlayOptions.ShufflePeriod"/>.</summary>
    public sealed record ShuffleDue(ulong Token) : OverlayTimer(Token);

    /// <summary>The node that was asked to be a neighbour has not answered.</summary>
    public sealed record RequestOverdue(NodeId Peer, ulong Token) : OverlayTimer(Token);
}
