namespace PresenceTracker.Wire;

/// <summary>Numbers of 7 bits a byte, the least significant first, as Protobuf writes them.</summary>
internal static class Varint
{
    private const int BytesMax = 10;

    public static ulong Take(ref ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        for (var i = 0; i < bytes.Length && i < BytesMax; i++)
        {
            number |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                // The tenth byte has room for one bit only.
                if (i == BytesMax - 1 && bytes[i] > 1)
                {
                    break;
                }

                bytes = bytes[(i + 1)..];
                return number;
            }
        }

        throw new WireFormatException("a number does not end, or is too large");
    }
}
