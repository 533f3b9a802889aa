namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>What one node of a law's world believes of another.</summary>
internal sealed class LawPeer
{
    /// <summary>Which of the other's records it has heard last.</summary>
    public int RecordIndex { get; set; }

    public LawPeerState State { get; set; }
}
