using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Tests.Fuzz;

/// <summary>Changes bytes without regard to what they mean.</summary>
/// <param name="words">What the decoder has a rule about; put in at random.</param>
internal sealed class ByteMutator(ImmutableArray<byte[]> words)
{
    public byte[] Mutate(Prng prng, byte[] bytes, byte[] other)
    {
        var at = prng.Next(bytes.Length + 1);
        var to = at + prng.Next(Math.Min(bytes.Length - at, 64) + 1);
        var otherAt = prng.Next(other.Length + 1);
        return prng.Next(10) switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. bytes[to..]],
            2 => [.. bytes[..at], .. Random(prng, prng.Next(20)), .. bytes[at..]],
            3 => [.. bytes[..at], .. words[prng.Next(words.Length)], .. bytes[at..]],
            4 => [.. bytes[..at], .. words[prng.Next(words.Length)], .. bytes[to..]],
            5 => [.. bytes[..at], .. other[otherAt..]],
            6 => [.. bytes[..to], .. bytes[at..]],
            7 => Changed(bytes, at, (byte)prng.Next(256)),
            8 => Changed(bytes, at, at < bytes.Length ? (byte)(bytes[at] + prng.Next(3) - 1) : (byte)0),
            _ => Changed(bytes, at, at < bytes.Length ? (byte)(bytes[at] ^ (1 << prng.Next(8))) : (byte)0),
        };
    }

    public static byte[] Random(Prng prng, int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)prng.Next(256);
        }

        return bytes;
    }

    private static byte[] Changed(byte[] bytes, int at, byte value)
    {
        if (at == bytes.Length)
        {
            return bytes;
        }

        byte[] changed = [.. bytes];
        changed[at] = value;
        return changed;
    }
}
