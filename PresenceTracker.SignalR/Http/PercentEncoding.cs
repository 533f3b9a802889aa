using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace PresenceTracker.SignalR.Http;

/// <summary>Percent-encoded text, read strictly: what is not an escape or not UTF-8 is refused, not repaired.</summary>
internal static class PercentEncoding
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool TryDecode(ReadOnlySpan<char> encoded, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(encoded.Length));
        try
        {
            var length = 0;
            while (!encoded.IsEmpty)
            {
                var escape = encoded.IndexOf('%');
                var plain = escape < 0 ? encoded : encoded[..escape];
                length += StrictUtf8.GetBytes(plain, bytes.AsSpan(length));
                encoded = encoded[plain.Length..];
                if (encoded.IsEmpty)
                {
                    break;
                }

                if (encoded.Length < 3
                    || !byte.TryParse(encoded[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
                {
                    return false;
                }

                length++;
                encoded = encoded[3..];
            }

            text = StrictUtf8.GetString(bytes, 0, length);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
