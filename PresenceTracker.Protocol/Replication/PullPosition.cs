namespace PresenceTracker.Protocol.Replication;

/// <summary>What a receiver has of a replica, and so what it must be sent next.</summary>
/// <param name="Context">
/// The highest contiguous sequence applied: a sender whose log reaches back to it answers with deltas from here.
/// </param>
/// <param name="CoveredTo">
/// Where the chunks of a catch-up in progress go on: every dot up to here is known as of a version above the context. Zero when none is.
/// </param>
/// <param name="CoveredAsOf">
/// The lowest version that a dot up to <paramref name="CoveredTo"/> is known as of. A sender whose log reaches back to it sends the
/// operations since beside the next chunks, so that one pass of chunks is enough however much changes meanwhile. Zero when none is.
/// </param>
public readonly record struct PullPosition(ulong Context, ulong CoveredTo, ulong CoveredAsOf);
