using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>What a caller of this node may ask of one own presence. Closed.</summary>
public abstract record WriteOperation(PresenceId Id)
{
    /// <param name="Ref">The ref that a new presence gets, and also an updated one.</param>
    /// <param name="OrUpdate">Whether a presence that is tracked already gets the meta.</param>
    /// <param name="IsLease">Whether another node may take the presence over: it gets a term.</param>
    public sealed record Track(PresenceId Id, string Ref, Meta Meta, TimeSpan LeaveGrace, bool OrUpdate, bool IsLease = false) : WriteOperation(Id);

    /// <summary>Another node renews a lease; what this node does not hold stays as it is.</summary>
    /// <param name="Meta">Null leaves the meta as it is.</param>
    public sealed record Renew(PresenceId Id, string Ref, Meta? Meta) : WriteOperation(Id);

    /// <param name="ExpectedRef">If not null, the ref that the presence must still have.</param>
    public sealed record Update(PresenceId Id, string Ref, Meta Meta, string? ExpectedRef) : WriteOperation(Id);

    /// <summary>
    /// The lease has run out. Nothing ends if it was renewed since: the renewal and this word may have crossed.
    /// </summary>
    /// <param name="Renewal">The last renewal that whoever counts the time down has heard of: <see cref="WriteResult.Renewal"/>.</param>
    public sealed record Expire(PresenceId Id, ulong Renewal) : WriteOperation(Id);

    /// <summary>A caller ends a lease, here or through another node. That is remembered, whoever holds it.</summary>
    public sealed record EndLease(PresenceId Id) : WriteOperation(Id);

    /// <summary>Another node remembers that a lease was ended. Nothing ends if it was tracked or renewed since.</summary>
    /// <param name="UnrenewedSince">By the clock of this node.</param>
    public sealed record EndLeaseAgain(PresenceId Id, MonotonicTime UnrenewedSince) : WriteOperation(Id);

    public sealed record Untrack(PresenceId Id, RemovalCause Cause) : WriteOperation(Id);

    /// <summary>The connection that owns the presence broke.</summary>
    public sealed record Disconnect(PresenceId Id) : WriteOperation(Id);
}
