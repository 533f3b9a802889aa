using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>A peer that is known to hold more of a replica than we do, and up to which context.</summary>
/// <param name="Silences">How often in a row it did not answer in time.</param>
/// <param name="SilentFor">How long it was waited for in vain, in all of these.</param>
internal readonly record struct PullSource(NodeId Peer, ulong Context, int Silences = 0, TimeSpan SilentFor = default);
