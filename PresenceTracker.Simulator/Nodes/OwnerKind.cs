namespace PresenceTracker.Simulator.Nodes;

/// <summary>What a presence can hang on.</summary>
internal enum OwnerKind
{
    Actor,
    Connection,
    Lease,
}
