namespace PresenceTracker.Protocol.Replication;

internal enum WalkDirection
{
    None,
    Showing,
    Hiding,
}
