namespace PresenceTracker.Protocol.Gossip;

/// <summary>A root or the hashes of a peer, which differ from ours, and whose contexts we have asked for by our answer.</summary>
internal sealed class DigestQuestion(ulong token, GossipMessage difference)
{
    /// <summary>That of the timer.</summary>
    public ulong Token { get; } = token;

    /// <summary>What showed the difference; the latest of its kind.</summary>
    public GossipMessage Difference { get; set; } = difference;

    public int Repeats { get; set; }
}
