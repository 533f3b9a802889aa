using PresenceTracker.Configuration;
using PresenceTracker.Errors;

namespace PresenceTracker.Host;

/// <summary>What the library cannot use, with the options of the program beside the library's own names.</summary>
internal static class StartFaults
{
    private const string Tcp = "akka.remote.dot-netty.tcp.";

    private static readonly Dictionary<string, HostOption> Options = new()
    {
        [Tcp + "hostname"] = HostOption.NodeHost,
        [Tcp + "port"] = HostOption.NodePort,
        [Tcp + "public-hostname"] = HostOption.NodePublicHost,
        ["presence.cluster-name"] = HostOption.ClusterName,
        ["presence.token"] = HostOption.Token,
        ["presence.seeds"] = HostOption.Seeds,
        ["presence.discovery.dns"] = HostOption.DiscoveryDns,
        ["presence.discovery.file"] = HostOption.DiscoveryFile,
        ["presence.discovery.multicast"] = HostOption.DiscoveryMulticast,
        [nameof(PresenceTrackerOptions.Hocon)] = HostOption.Config,
    };

    public static HostStartException From(NodeStartException refused)
    {
        // Otherwise it was the file of settings that said where, and the names are those of the file.
        var isFromOptions = refused.Option.Contains(nameof(PresenceTrackerOptions.NodePort), StringComparison.Ordinal);
        var options = isFromOptions ? $"{HostOption.NodeHost.Ways}, {HostOption.NodePort.Ways}" : refused.Option;
        return new HostStartException($"cannot listen on {refused.Value} (options: {options}): {refused.Fault}");
    }

    /// <summary>The fault in one line.</summary>
    public static string Of(ConfigurationFault fault) =>
        Options.TryGetValue(fault.Key, out var option) ? $"{fault} (option: {option.Ways})" : $"{fault}";
}
