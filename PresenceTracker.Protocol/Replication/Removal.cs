namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// One pair of the operation log: at <paramref name="Sequence"/> the replica took the dot <paramref name="Removed"/> away.
/// </summary>
/// <param name="Sequence">The sequence of the update or untrack.</param>
/// <param name="Removed">The dot that is dead from then on; always below <paramref name="Sequence"/>.</param>
/// <param name="Cause">
/// With <see cref="RemovalCause.Updated"/> the sequence is itself the dot of the presence's new meta.
/// </param>
public readonly record struct Removal(ulong Sequence, ulong Removed, RemovalCause Cause);
