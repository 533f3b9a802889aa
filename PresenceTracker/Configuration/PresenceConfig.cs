using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Security;

namespace PresenceTracker.Configuration;

/// <summary>The configuration of Akka that presence needs.</summary>
public static class PresenceConfig
{
    private const string SystemMessages = "akka.actor.serializers.akka-system-msg";
    private const string Tcp = "akka.remote.dot-netty.tcp";

    /// <summary>The host under which other nodes know this one.</summary>
    internal const string PublicHost = $"{Tcp}.public-hostname";

    /// <summary>What sets the address under which other nodes know this one.</summary>
    internal const string AdvertisedAddressOptions = $"{PublicHost}, {Tcp}.public-port";

    /// <summary>What sets the host that a node listens on.</summary>
    internal const string BindHost = $"{Tcp}.hostname";

    /// <summary>What sets the port that a node listens on.</summary>
    internal const string BindPort = $"{Tcp}.port";

    /// <summary>Whether nodes speak TLS.</summary>
    internal const string EnableTls = $"{Tcp}.enable-ssl";

    /// <summary>The defaults of every setting: the embedded <c>reference.conf</c>.</summary>
    public static Config Reference { get; } = ReadReference();

    /// <summary>
    /// The whole configuration of an actor system that exists for presence alone. Its wire accepts and sends the messages of the tracker
    /// and no others: no remote deployment, no remote death-watch, no selections, no objects of the peer's choice. With <c>akka.actor.provider =
    /// cluster</c> in <paramref name="own"/> it accepts what Akka.Cluster needs as well: selections and remote death-watch.
    /// </summary>
    /// <param name="address">Where it listens, and where others reach it.</param>
    /// <param name="own">What rules over all of this, for example the content of a configuration file with seeds or TLS.</param>
    /// <exception cref="PresenceConfigurationException">The address cannot be used.</exception>
    /// <remarks>With the settings <c>presence.tls</c> the system needs <see cref="TlsFor"/> too.</remarks>
    public static Config ForNewSystem(RemotingAddress address, Config? own = null)
    {
        if (FaultsOf(address) is { IsEmpty: false } faults)
        {
            throw new PresenceConfigurationException(faults);
        }

        var config = AddressConfig(address)
            .WithFallback(ConfigurationFactory.ParseString(HasTls(own) ? $"{EnableTls} = on" : ""))
            .WithFallback(ConfigurationFactory.ParseString(string.Join('\n', RemotingSetting.All.Select(setting => setting.ToHocon()))))
            .WithFallback(ConfigurationFactory.ParseString(ClusterMembership.HasProvider(own) ? "" : NothingButPresence))
            .WithFallback(ConfigurationFactory.ParseString(OfOurSystemsOnly))
            .WithFallback(Reference);
        return own is null ? config : own.WithFallback(config);
    }

    /// <summary>
    /// What an actor system must be created with beside its configuration, if that has the settings <c>presence.tls</c>. It reads their files.
    /// </summary>
    /// <returns>Null if it has none.</returns>
    /// <exception cref="PresenceConfigurationException">A setting cannot be used, or a file of <c>presence.tls</c>; names all.</exception>
    public static DotNettySslSetup? TlsFor(Config config)
    {
        List<ConfigurationFault> faults = [];
        var tls = NodeTls.Load(PresenceSettings.Read(config, faults), faults);
        return faults.Count == 0 ? tls?.ToSetup() : throw new PresenceConfigurationException([.. faults]);
    }

    /// <summary>
    /// What in a user's own actor system is not as presence needs it. Nothing is changed there: the settings belong to whatever else runs
    /// in that system, and most of them are read before an extension is loaded.
    /// </summary>
    /// <param name="config">The configuration of the running system, with Akka's defaults.</param>
    public static ImmutableArray<SettingDifference> DifferencesFrom(Config config) =>
        [.. RemotingSetting.All.Select(setting => setting.DifferenceIn(config)).OfType<SettingDifference>()];

    /// <summary>Whether the system takes no part in remote death-watch and deployment, as systems of ours do.</summary>
    internal static bool RefusesSystemMessages(Config config) => config.GetString(SystemMessages) == RemotingSetting.Refusing;

    // Selections, identification, system messages: harmless as such, but two of them (numbers 16 and 22) carry exceptions, of which Akka
    // builds whatever type the peer names that has a constructor for serialization, and a selection in a selection a few thousand times
    // over costs the reader its stack. The tracker needs none of them, so here their numbers are unknown. Akka.Cluster needs them, and a user's
    // own system may.
    private const string NothingButPresence = $$"""
        akka {
          actor.serializers {
            akka-containers = "{{RemotingSetting.Refusing}}"
            akka-misc = "{{RemotingSetting.Refusing}}"
            akka-system-msg = "{{RemotingSetting.Refusing}}"
          }
          remote.untrusted-mode = on
        }
        """;

    // Lost nodes are dialled every second for an hour, and what is told them goes to the dead letters: that is no news each time.
    private const string OfOurSystemsOnly = """
        akka {
          loglevel = INFO
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          actor.provider = remote
          remote {
            log-remote-lifecycle-events = off
            default-remote-dispatcher.fork-join-executor {
              parallelism-min = 2
              parallelism-factor = 1.0
              parallelism-max = 4
            }
          }
        }
        """;

    /// <summary>What of an address cannot be used.</summary>
    internal static ImmutableArray<ConfigurationFault> FaultsOf(RemotingAddress address)
    {
        List<ConfigurationFault> faults = [];
        var host = address.PublicHost ?? address.BindHost;
        var port = address.PublicPort ?? address.BindPort;
        Check(NodeAddress.IsHost(address.BindHost), "hostname", address.BindHost, "a host name or an IP address");
        Check(address.BindPort is >= 0 and <= ushort.MaxValue, "port", $"{address.BindPort}", "0, for any free one, to 65535");
        Check(NodeAddress.CanBeDialled(host), "public-hostname", host, NodeAddress.HostForm);
        Check(port is >= 0 and <= ushort.MaxValue, "public-port", $"{port}", "0, for the one listened on, to 65535");
        return [.. faults];

        void Check(bool holds, string key, string value, string allowed)
        {
            if (!holds)
            {
                faults.Add(new ConfigurationFault($"{Tcp}.{key}", value, allowed));
            }
        }
    }

    private static Config AddressConfig(RemotingAddress address) => ConfigurationFactory.ParseString($$"""
        {{Tcp}} {
          hostname = "{{address.BindHost}}"
          port = {{address.BindPort}}
          public-hostname = "{{address.PublicHost ?? address.BindHost}}"
          public-port = {{address.PublicPort ?? address.BindPort}}
        }
        """);

    private static bool HasTls(Config? own) => own?.GetString("presence.tls.certificate", "") is { Length: > 0 };

    private static Config ReadReference()
    {
        using var stream = typeof(PresenceConfig).Assembly.GetManifestResourceStream("PresenceTracker.reference.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
