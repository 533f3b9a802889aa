namespace PresenceTracker.Wire;

/// <summary>
/// What travels between two nodes, with what is known of the way. The way is no part of the message: two that say the same are equal.
/// </summary>
internal abstract record Envelope
{
    /// <summary>Where it is counted when it is encoded: only the serializer knows its length, and only the sender its receiver.</summary>
    internal PeerTraffic? Traffic { get; init; }

    /// <summary>The encoded length, of one that was received.</summary>
    internal int Bytes { get; init; }

    public virtual bool Equals(Envelope? other) => other is not null && EqualityContract == other.EqualityContract;

    public override int GetHashCode() => EqualityContract.GetHashCode();
}
