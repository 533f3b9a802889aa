using System.Collections.Immutable;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Leases;

/// <summary>What the lease cores of different nodes say to each other. Closed: the wire knows exactly these.</summary>
public abstract record LeaseMessage
{
    private LeaseMessage()
    {
    }

    /// <summary>Asks the holder of these leases to renew or end them.</summary>
    /// <param name="Token">Repeated in the answer.</param>
    public sealed record LeaseRequest(ulong Token, ImmutableArray<LeaseCall> Calls) : LeaseMessage;

    /// <summary>What came of each call of the request, in its order; <see cref="TrackStatus.NotTracked"/> from who does not hold the lease.</summary>
    /// <param name="Clock">What the clock of the answering node showed after it had carried the calls out.</param>
    public sealed record LeaseAnswer(ulong Token, ImmutableArray<TrackResult> Results, MonotonicTime Clock) : LeaseMessage;
}
