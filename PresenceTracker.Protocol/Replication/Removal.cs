namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// One pair of the operation log: at <paramref name="Sequence"/> the replica took the dot <paramref name="Removed"/> away.
/// </summary>
/// <param name="Sequence">The sequence of the update or untrack.</param>
/// <param name="Removed">The dot that is dead from then on; always below <paramref name="Sequence"/>.</param>
/// <param name="Cause">
/// With <see cref="RemovalCause.Updated"/> the sequence is itself the dot of the presence's new meta.
/// </param>
public readonly record struct Removal(ulong Sequence, ulong Removed, RemovalCause Cause)
{
    /// <summary>What one takes on the wire at most: a sequence, a dot and a cause as varints, with their tags and lengths.</summary>
    public const int EncodedBytesMax = 26;
}
