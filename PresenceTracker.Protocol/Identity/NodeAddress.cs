using System.Buffers;
using System.Globalization;

namespace PresenceTracker.Protocol.Identity;

/// <summary>How a node is addressed: <c>host:port</c>. The one rule for settings, messages and the core.</summary>
public static class NodeAddress
{
    /// <summary>A DNS name has at most 253 bytes (RFC 1035); this leaves nothing out that can be dialled.</summary>
    public const int BytesMax = 255;

    /// <summary>What <see cref="IsValid"/> allows, for messages to people.</summary>
    public const string Form = "host:port with a port from 1 to 65535, at most 255 bytes";

    /// <summary>What <see cref="CanBeDialled"/> allows, for messages to people.</summary>
    public const string HostForm = "a host name or an IP address, at most 249 bytes, that other nodes can dial";

    private const int PortDigitsMax = 5;

    // Nothing else occurs in DNS names and in IPv4 and IPv6 addresses, and none of these means anything in the path of an actor.
    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_[]:");

    /// <summary>Whether it is <see cref="Form"/>, with a host as <see cref="IsHost"/> allows it.</summary>
    public static bool IsValid(ReadOnlySpan<char> address)
    {
        var colon = address.LastIndexOf(':');
        if (colon < 1 || address.Length > BytesMax || address.Length - colon - 1 > PortDigitsMax)
        {
            return false;
        }

        return IsHost(address[..colon])
            && int.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= ushort.MaxValue;
    }

    /// <summary>Whether other nodes can reach something by this host: an address that stands for all interfaces they cannot.</summary>
    public static bool CanBeDialled(string host) =>
        IsHost(host) && host.Length < BytesMax - PortDigitsMax && host is not ("0.0.0.0" or "::" or "[::]");

    /// <summary>Whether it can be the host of a node: not empty, and nothing in it that occurs in no host name or IP address.</summary>
    public static bool IsHost(ReadOnlySpan<char> host) => !host.IsEmpty && !host.ContainsAnyExcept(HostCharacters);
}
