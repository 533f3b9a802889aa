namespace PresenceTracker.Tests.Replication.Laws;

internal enum LawPeerState
{
    Up,
    Returning,
    Down,
    Removed,
}
