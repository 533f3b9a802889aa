using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>Why a dot is no longer live: it was superseded by an update, or its presence left.</summary>
public enum RemovalCause
{
    Updated = 0,
    Untracked = LeaveReason.Untracked,
    Replaced = LeaveReason.Replaced,
    OwnerDied = LeaveReason.OwnerDied,
    ConnectionLost = LeaveReason.ConnectionLost,
    LeaseExpired = LeaveReason.LeaseExpired,
}
