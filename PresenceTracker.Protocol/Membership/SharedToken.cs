using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// A secret that all nodes of a cluster share. Who says something to the others proves with it that it has the secret, and never sends the secret
/// itself. Immutable and thread-safe. Nothing that it says of itself shows it.
/// </summary>
public sealed class SharedToken
{
    /// <summary>Whoever hears a proof can try shorter ones out.</summary>
    public const int BytesMin = 16;

    public const int BytesMax = 255;

    /// <summary>As long as an HMAC with SHA-256.</summary>
    public const int ProofBytes = HMACSHA256.HashSizeInBytes;

    private readonly byte[] _key;

    /// <param name="text">The secret; <see cref="BytesMin"/> to <see cref="BytesMax"/> bytes of UTF-8.</param>
    /// <exception cref="ArgumentException">It is shorter or longer. The message does not show it.</exception>
    public SharedToken(string text)
    {
        _key = Encoding.UTF8.GetBytes(text);
        if (_key.Length is < BytesMin or > BytesMax)
        {
            throw new ArgumentException($"a token has {BytesMin} to {BytesMax} bytes of UTF-8, not {_key.Length}", nameof(text));
        }
    }

    /// <summary>What only those can make of these bytes who have the secret: HMAC-SHA-256 (RFC 2104, FIPS 180-4).</summary>
    public ImmutableArray<byte> Prove(ReadOnlySpan<byte> statement) => [.. HMACSHA256.HashData(_key, statement)];

    /// <summary>Whether that is <see cref="Prove"/> of these bytes; it takes as long whichever byte of the proof is wrong.</summary>
    public bool IsProven(ReadOnlySpan<byte> statement, ReadOnlySpan<byte> proof)
    {
        Span<byte> expected = stackalloc byte[ProofBytes];
        HMACSHA256.HashData(_key, statement, expected);
        return CryptographicOperations.FixedTimeEquals(expected, proof);
    }

    public override string ToString() => "(hidden)";
}
