using System.Collections.Immutable;
using System.Text.Json;
using Akka.Configuration;
using PresenceTracker.Configuration;
using PresenceTracker.Security;

namespace PresenceTracker;

/// <summary>How to start a node. What is not set keeps the default of <c>reference.conf</c>.</summary>
public sealed class PresenceTrackerOptions
{
    /// <summary>The host name or IP address that the node listens on for other nodes. Default 127.0.0.1: this machine only.</summary>
    public string NodeHost { get; set; } = "127.0.0.1";

    /// <summary>The port that the node listens on for other nodes; 0 for any free one. Default 4053.</summary>
    public int NodePort { get; set; } = 4053;

    /// <summary>The name by which other nodes reach this one, if that is not <see cref="NodeHost"/>.</summary>
    public string? NodePublicHost { get; set; }

    /// <summary>The port at which other nodes reach this one, if that is not <see cref="NodePort"/>.</summary>
    public int? NodePublicPort { get; set; }

    /// <summary>Keeps clusters apart that can reach each other; all nodes of a cluster have the same.</summary>
    public string? ClusterName { get; set; }

    /// <summary>The nodes to greet first, as <c>host:port</c> exactly as they advertise themselves. With none, a cluster of its own begins.</summary>
    public IList<string> Seeds { get; } = [];

    /// <summary>
    /// A secret that nodes must share to be one cluster, beside the name; 16 to 255 bytes of UTF-8. With none, whoever reaches the port may join.
    /// </summary>
    public string? Token { get; set; }

    /// <summary>Names, as <c>name:port</c>, whose addresses are nodes to greet, such as a headless service of Kubernetes; asked for again and again.</summary>
    public IList<string> DiscoveryDns { get; } = [];

    /// <summary>A file with the address of a node to greet in each line, read again when it changes; an absolute path.</summary>
    public string? DiscoveryFile { get; set; }

    /// <summary>Whether nodes on one LAN find each other by multicast. Default false.</summary>
    public bool DiscoveryMulticast { get; set; }

    /// <summary>Further settings in HOCON, for example the content of a file; they rule over everything else here.</summary>
    public string? Hocon { get; set; }

    /// <summary>Every node of a cluster must name its actor system alike: the name is part of the addresses of actors.</summary>
    internal const string SystemName = "presence";

    /// <summary>Everything in these options that cannot be used, and in the files that they name; empty if a node can be started.</summary>
    public ImmutableArray<ConfigurationFault> Faults()
    {
        List<ConfigurationFault> faults = [];
        Read(faults);
        return [.. faults];
    }

    /// <exception cref="PresenceConfigurationException">An option cannot be used; names all.</exception>
    internal NodeConfiguration Read()
    {
        List<ConfigurationFault> faults = [];
        return Read(faults) ?? throw new PresenceConfigurationException([.. faults]);
    }

    private NodeConfiguration? Read(List<ConfigurationFault> faults)
    {
        var address = new RemotingAddress(NodeHost, NodePort) { PublicHost = NodePublicHost, PublicPort = NodePublicPort };
        faults.AddRange(PresenceConfig.FaultsOf(address));
        var own = ConfigurationFactory.ParseString(string.Join('\n', Lines()));
        if (Hocon is not null)
        {
            own = ParseOwn(Hocon, faults).WithFallback(own);
        }

        var settings = PresenceSettings.Read(own, faults);
        var tls = NodeTls.Load(settings, faults);
        NodeTls.CheckAkkas(own, faults);
        return faults.Count == 0 ? new NodeConfiguration(PresenceConfig.ForNewSystem(address, own), settings, tls) : null;
    }

    private IEnumerable<string> Lines()
    {
        if (ClusterName is not null)
        {
            yield return $"presence.cluster-name = {Quoted(ClusterName)}";
        }

        if (Token is not null)
        {
            yield return $"presence.token = {Quoted(Token)}";
        }

        if (Seeds.Count > 0)
        {
            yield return $"presence.seeds = [{string.Join(", ", Seeds.Select(Quoted))}]";
        }

        if (DiscoveryDns.Count > 0)
        {
            yield return $"presence.discovery.dns = [{string.Join(", ", DiscoveryDns.Select(Quoted))}]";
        }

        if (DiscoveryFile is not null)
        {
            yield return $"presence.discovery.file = {Quoted(DiscoveryFile)}";
        }

        if (DiscoveryMulticast)
        {
            yield return "presence.discovery.multicast = on";
        }
    }

    // HOCON takes a JSON string as it is.
    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static Config ParseOwn(string hocon, List<ConfigurationFault> faults)
    {
        try
        {
            return ConfigurationFactory.ParseString(hocon);
        }

        // The last of them is what Akka's parser throws for an include.
        catch (Exception malformed) when (malformed is FormatException or ConfigurationException or NullReferenceException)
        {
            faults.Add(new ConfigurationFault(nameof(Hocon), malformed.Message, "HOCON"));
            return ConfigurationFactory.Empty;
        }
    }
}
