using System.Text;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Leases;

/// <summary>What a node asks of the holder of one lease: to renew it, or to end it. Both are harmless when they come twice.</summary>
/// <param name="Id">The presence that hangs on the lease.</param>
/// <param name="Duration">How long the lease lasts from now on; zero ends it.</param>
/// <param name="Meta">With a renewal, the meta to be given to the presence; null leaves it as it is.</param>
public sealed record LeaseCall(PresenceId Id, TimeSpan Duration, Meta? Meta)
{
    // Field tags, lengths and the duration on the wire, rounded up: see the schema of the wire.
    private const int EncodedOverheadBytes = 32;

    public bool IsEnd => Duration == TimeSpan.Zero;

    /// <summary>An upper bound of the bytes that this call takes in a message.</summary>
    internal int EncodedBytesMax =>
        EncodedOverheadBytes + Encoding.UTF8.GetByteCount(Id.Topic) + Encoding.UTF8.GetByteCount(Id.Key)
        + Encoding.UTF8.GetByteCount(Id.Owner) + (Meta?.Utf8.Length ?? 0);

    public static LeaseCall Renewal(PresenceId id, TimeSpan duration, Meta? meta) => new(id, duration, meta);

    public static LeaseCall End(PresenceId id) => new(id, TimeSpan.Zero, Meta: null);
}
