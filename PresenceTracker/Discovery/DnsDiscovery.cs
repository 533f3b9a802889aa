using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Discovery;

/// <summary>
/// A name whose addresses are the nodes, such as a headless service of Kubernetes: resolved anew with each look, as the operating system resolves
/// names.
/// </summary>
/// <param name="nameAndPort">As <c>name:port</c>; every node listens on that port.</param>
/// <param name="self">The address that this node advertises.</param>
/// <param name="countMax">How many addresses are taken.</param>
/// <param name="resolve">Asks for the addresses of a name.</param>
internal sealed class DnsDiscovery(
    string nameAndPort, string self, int countMax, Func<string, CancellationToken, Task<IPAddress[]>> resolve) : IDiscovery
{
    private readonly string _name = nameAndPort[..nameAndPort.LastIndexOf(':')].Trim('[', ']');
    private readonly string _port = nameAndPort[nameAndPort.LastIndexOf(':')..];

    // A node advertises one address. Where names resolve to those of both families, it is that of the family which this node advertises too:
    // dialled under the other one, a node answers nothing.
    private readonly AddressFamily? _family =
        IPAddress.TryParse(self[..self.LastIndexOf(':')].Trim('[', ']'), out var address) ? address.AddressFamily : null;

    public string Name { get; } = $"the name {nameAndPort}";

    public DiscoverySource Source => DiscoverySource.Dns;

    // Nobody tells when the addresses of a name change.
    public void Begin(Action changed)
    {
    }

    public async Task<Finding> LookAsync(CancellationToken cancellation)
    {
        IPAddress[] resolved;
        try
        {
            resolved = await resolve(_name, cancellation);
        }
        catch (SocketException unresolved)
        {
            return Finding.Nothing(DiscoveryFaultKind.Unresolved, $"it does not resolve: {unresolved.Message}");
        }

        var addresses = resolved
            .Where(address => _family is null || address.AddressFamily == _family)
            .Select(address => (address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}") + _port)
            .Where(address => NodeAddress.IsValid(address))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToImmutableArray();
        return addresses switch
        {
            [] => Finding.Nothing(DiscoveryFaultKind.Unresolved, "it resolves to no address that a node like this one advertises"),
            _ when addresses.Length > countMax => new Finding(
                addresses[..countMax], [new DiscoveryFault(DiscoveryFaultKind.TooMany, addresses.Length - countMax, $"it has {addresses.Length} addresses, of which {countMax} are taken")]),
            _ => Finding.Of(addresses),
        };
    }

    public void Dispose()
    {
    }
}
