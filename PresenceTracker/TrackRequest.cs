using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker;

/// <summary>One presence to track with others.</summary>
/// <param name="LeaveGrace">
/// How long the presence stays listed after its connection broke or its node went; null for the default of the owner's kind.
/// </param>
public sealed record TrackRequest(string Topic, string Key, Owner Owner, Meta Meta, TimeSpan? LeaveGrace = null);
