using System.Collections.Immutable;
using System.Net;
using PresenceTracker.Configuration;
using PresenceTracker.Wire;

namespace PresenceTracker.Discovery;

/// <summary>The ways to find nodes that the settings of a node name.</summary>
internal static class Discoveries
{
    /// <param name="self">The address that the node advertises.</param>
    /// <param name="bindHost">Where it listens.</param>
    public static ImmutableArray<IDiscovery> From(PresenceSettings settings, string self, string bindHost)
    {
        var all = ImmutableArray.CreateBuilder<IDiscovery>();
        all.AddRange(settings.DiscoveryDns.Distinct(StringComparer.Ordinal).Select(name =>
            new DnsDiscovery(name, self, WireLimits.NodesMax, (host, cancellation) => Dns.GetHostAddressesAsync(host, cancellation))));
        if (settings.DiscoveryFile is { } file)
        {
            all.Add(new FileDiscovery(file, WireLimits.NodesMax));
        }

        if (settings.DiscoveryMulticast)
        {
            all.Add(new MulticastDiscovery(
                settings.DiscoveryMulticastGroup, bindHost, settings.ClusterName, self, settings.Token, WireLimits.NodesMax, TimeProvider.System));
        }

        return all.DrainToImmutable();
    }
}
