using System.Text;
using System.Text.Unicode;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Discovery;

/// <summary>
/// The datagram by which a node tells its LAN where it is: four letters and a version, the name of its cluster and the address that it advertises,
/// each after a byte with its length, and the proof that it has the cluster's token if there is one. After the gossip strategy of libcluster.
/// </summary>
internal static class Beacon
{
    /// <summary>No longer one is taken.</summary>
    public const int BytesMax = 5 + 1 + NameBytesMax + 1 + NodeAddress.BytesMax + SharedToken.ProofBytes;

    private const int NameBytesMax = 255;
    private const byte Version = 1;

    private static readonly byte[] Head = "PTrk"u8.ToArray();

    public static byte[] Write(string clusterName, string address, SharedToken? token)
    {
        var name = Encoding.UTF8.GetBytes(clusterName);
        var at = Encoding.UTF8.GetBytes(address);
        byte[] said = [.. Head, Version, (byte)name.Length, .. name, (byte)at.Length, .. at];
        return token is null ? said : [.. said, .. token.Prove(Statement(said))];
    }

    /// <returns>The address that it names, or null.</returns>
    /// <param name="fault">What it is instead, if it is no beacon of this cluster.</param>
    public static string? Read(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> clusterName, SharedToken? token, out DiscoveryFaultKind? fault)
    {
        var rest = datagram;
        if (datagram.Length > BytesMax || !datagram.StartsWith(Head) || datagram.Length == Head.Length)
        {
            fault = DiscoveryFaultKind.Malformed;
            return null;
        }

        // Whatever a later version says is for its own.
        if (datagram[Head.Length] != Version)
        {
            fault = DiscoveryFaultKind.Foreign;
            return null;
        }

        rest = datagram[(Head.Length + 1)..];
        if (!TakeText(ref rest, out var name) || !TakeText(ref rest, out var at) || rest.Length is not (0 or SharedToken.ProofBytes))
        {
            fault = DiscoveryFaultKind.Malformed;
            return null;
        }

        if (!name.SequenceEqual(clusterName))
        {
            fault = DiscoveryFaultKind.Foreign;
            return null;
        }

        if (token is null ? !rest.IsEmpty : rest.IsEmpty || !token.IsProven(Statement(datagram[..^rest.Length]), rest))
        {
            fault = DiscoveryFaultKind.WrongToken;
            return null;
        }

        var address = Utf8.IsValid(at) ? Encoding.UTF8.GetString(at) : "";
        var isAddress = NodeAddress.IsValid(address);
        fault = isAddress ? null : DiscoveryFaultKind.Malformed;
        return isAddress ? address : null;
    }

    private static bool TakeText(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        text = [];
        if (rest.IsEmpty || rest.Length <= rest[0])
        {
            return false;
        }

        text = rest.Slice(1, rest[0]);
        rest = rest[(1 + text.Length)..];
        return true;
    }

    // No message of the handshake is proven with these words.
    private static byte[] Statement(ReadOnlySpan<byte> said) => [.. "beacon\0"u8, .. said];
}
