using System.Buffers.Binary;
using System.Buffers.Text;

namespace PresenceTracker;

/// <summary>
/// Makes refs: 16 characters of URL-safe base64, as Phoenix's are, from 48 bits of the process id and a counter of 48 bits. Thread-safe, and
/// shared by all shards, so that no ref repeats after a crash of one.
/// </summary>
internal sealed class RefSource(ulong processId)
{
    private const int HalfBytes = 6;

    private long _counter;

    public string Next()
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        Span<byte> bytes = stackalloc byte[2 * HalfBytes];
        BinaryPrimitives.WriteUInt64BigEndian(number, processId);
        number[^HalfBytes..].CopyTo(bytes);
        BinaryPrimitives.WriteUInt64BigEndian(number, (ulong)Interlocked.Increment(ref _counter));
        number[^HalfBytes..].CopyTo(bytes[HalfBytes..]);
        return Base64Url.EncodeToString(bytes);
    }
}
