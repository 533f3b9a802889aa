using System.Text;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Leases;

/// <summary>What a node asks of the holder of one lease: to renew it, or to end it. Both are harmless when they come twice.</summary>
/// <param name="Id">The presence that hangs on the lease.</param>
/// <param name="Duration">How long the lease lasts from now on; zero ends it.</param>
/// <param name="Meta">With a renewal, the meta to be given to the presence; null leaves it as it is.</param>
/// <param name="UnrenewedSince">
/// With an end that is repeated: it counts only if the lease was neither tracked nor renewed at that time or later, by the holder's clock.
/// </param>
public sealed record LeaseCall(PresenceId Id, TimeSpan Duration, Meta? Meta, MonotonicTime? UnrenewedSince = null)
{
    // Field tags, lengths, the duration and the time on the wire, rounded up: see the schema of the wire.
    private const int EncodedOverheadBytes = 48;

    public bool IsEnd => Duration == TimeSpan.Zero;

    /// <summary>An upper bound of the bytes that this call takes in a message.</summary>
    internal int EncodedBytesMax =>
        EncodedOverheadBytes + Encoding.UTF8.GetByteCount(Id.Topic) + Encoding.UTF8.GetByteCount(Id.Key)
        + Encoding.UTF8.GetByteCount(Id.Owner) + (Meta?.Utf8.Length ?? 0);

    public static LeaseCall Renewal(PresenceId id, TimeSpan duration, Meta? meta) => new(id, duration, meta);

    public static LeaseCall End(PresenceId id) => new(id, TimeSpan.Zero, Meta: null);

    public static LeaseCall EndAgain(PresenceId id, MonotonicTime unrenewedSince) => new(id, TimeSpan.Zero, Meta: null, unrenewedSince);
}
