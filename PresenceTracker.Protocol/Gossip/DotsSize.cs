using System.Text;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>Upper bounds of what dots take on the wire: flow control needs their order of magnitude, not their bytes.</summary>
internal static class DotsSize
{
    // The envelope, the range, the incarnation and the message's own number.
    private const int HeaderBytes = 96;

    public static int Of(Dots dots)
    {
        var bytes = HeaderBytes + Encoding.UTF8.GetByteCount(dots.Replica.Node.Address);
        foreach (var entry in dots.Entries)
        {
            bytes += entry.EncodedBytesMax;
        }

        return dots.IsDelta ? bytes + (dots.Removals.Length * Removal.EncodedBytesMax) : bytes;
    }
}
