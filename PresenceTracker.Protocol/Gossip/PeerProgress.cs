using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>How this node and a peer keep up with each other, for those who watch over them.</summary>
/// <param name="Lag">Operations of the peer that this node has heard of, from whomever, and not applied yet.</param>
/// <param name="Behind">For how long, at least, the first of these has been missing; zero if there are none.</param>
/// <param name="UnacknowledgedPushes">Pushes to the peer that it has not acknowledged.</param>
/// <param name="UnacknowledgedBytes">The estimated bytes of these.</param>
/// <param name="IsBlocked">Whether it gets no pushes until it has acknowledged those.</param>
public sealed record PeerProgress(
    NodeId Peer, ulong Lag, TimeSpan Behind, int UnacknowledgedPushes, int UnacknowledgedBytes, bool IsBlocked);
