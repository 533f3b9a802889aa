using System.Text.Json;
using Akka.Configuration;
using PresenceTracker.Configuration;

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

    /// <summary>Further settings in HOCON, for example the content of a file; they rule over everything else here.</summary>
    public string? Hocon { get; set; }

    /// <summary>Every node of a cluster must name its actor system alike: the name is part of the addresses of actors.</summary>
    internal const string SystemName = "presence";

    /// <exception cref="PresenceConfigurationException">An option cannot be used.</exception>
    internal Config ToConfig()
    {
        var address = new RemotingAddress(NodeHost, NodePort) { PublicHost = NodePublicHost, PublicPort = NodePublicPort };
        var own = ConfigurationFactory.Empty;
        if (ClusterName is not null)
        {
            own = ConfigurationFactory.ParseString($"presence.cluster-name = {Quoted(ClusterName)}").WithFallback(own);
        }

        if (Seeds.Count > 0)
        {
            own = ConfigurationFactory.ParseString($"presence.seeds = [{string.Join(", ", Seeds.Select(Quoted))}]").WithFallback(own);
        }

        if (Hocon is not null)
        {
            own = ParseOwn(Hocon).WithFallback(own);
        }

        return PresenceConfig.ForNewSystem(address, own);
    }

    // HOCON takes a JSON string as it is.
    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static Config ParseOwn(string hocon)
    {
        try
        {
            return ConfigurationFactory.ParseString(hocon);
        }

        // The last of them is what Akka's parser throws for an include.
        catch (Exception malformed) when (malformed is FormatException or ConfigurationException or NullReferenceException)
        {
            throw new PresenceConfigurationException([new ConfigurationFault(nameof(Hocon), malformed.Message, "HOCON")]);
        }
    }
}
