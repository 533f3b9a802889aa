using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Wire;

/// <summary>What is broadcast, as bytes: its origin encodes it once, and each node decodes it once.</summary>
internal static class PayloadCodec
{
    /// <param name="origin">Who broadcasts it.</param>
    public static ImmutableArray<byte> Encode(Dots dots, NodeId origin) => Encode(new Schema.BroadcastPayload
    {
        Replica = NamesCodec.Encode(dots.Replica, origin),
        Dots = DotsCodec.Encode(dots),
    });

    /// <param name="origin">Who broadcasts it, and speaks in it.</param>
    public static ImmutableArray<byte> Encode(MembershipMessage.Announcement announcement, NodeId origin) => Encode(new Schema.BroadcastPayload
    {
        Announcement = ProbeCodec.Encode(announcement, origin.Address).ToByteString(),
    });

    /// <returns>A <see cref="Dots"/>, or a <see cref="MembershipEnvelope"/> of the origin.</returns>
    /// <exception cref="WireFormatException">It is neither.</exception>
    public static object Decode(ImmutableArray<byte> payload, NodeId origin)
    {
        ReplicaId? replica = null;
        ReadOnlySpan<byte> dots = default;
        ReadOnlySpan<byte> announcement = default;
        var (hasDots, isAnnouncement) = (false, false);
        var reader = new FieldReader(payload.AsSpan());
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Schema.BroadcastPayload.ReplicaFieldNumber:
                    replica = NamesCodec.DecodeReplica(reader.Bytes(), origin);
                    break;
                case Schema.BroadcastPayload.DotsFieldNumber:
                    dots = reader.Bytes();
                    hasDots = true;
                    break;
                case Schema.BroadcastPayload.AnnouncementFieldNumber:
                    announcement = reader.Bytes();
                    isAnnouncement = true;
                    break;
            }
        }

        if (hasDots) return DotsCodec.Decode(dots, replica ?? throw NamesCodec.Missing("a broadcast of dots", "replica"));

        if (!isAnnouncement) throw new WireFormatException("a broadcast of nothing that is known");

        var envelope = ProbeCodec.DecodeAnnouncement(announcement);
        return envelope.FromAddress == origin.Address
            ? envelope with { Bytes = announcement.Length }
            : throw new WireFormatException($"a broadcast of {origin} in which {envelope.FromAddress} speaks");
    }

    private static ImmutableArray<byte> Encode(Schema.BroadcastPayload payload) => ImmutableCollectionsMarshal.AsImmutableArray(payload.ToByteArray());
}
