namespace PresenceTracker.Protocol.Overlay;

/// <summary>A node was asked to be a neighbour and has not answered.</summary>
/// <param name="Token">Told from that of an earlier request, whose timer or answer may still come.</param>
/// <param name="IsUrgent">Whether only who takes no part in the overlay refuses it: a join, or a request of high priority.</param>
/// <param name="MakesRoom">Whether a neighbour is given up for it if need be; otherwise it is what fills a free place, if there still is one.</param>
internal sealed record NeighborRequest(ulong Token, bool IsUrgent, bool MakesRoom);
