using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Leases;

/// <summary>A request that was sent and not answered yet.</summary>
/// <param name="Number">What its asker knows it by.</param>
internal readonly record struct OutstandingLeaseRequest(ulong Number, NodeId Holder, int CallCount);
