using System.Collections.Immutable;
using Akka.Configuration;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Wire;

namespace PresenceTracker.Configuration;

/// <summary>
/// The settings of one node, read once and checked. Immutable and thread-safe. The keys, units, defaults and consequences are described in
/// <c>reference.conf</c>.
/// </summary>
public sealed class PresenceSettings
{
    // Who asks others for help needs some of the period for their answers.
    private const double ProbeShareMax = 0.9;

    private static readonly ImmutableSortedDictionary<string, SwimOptions> Presets = new Dictionary<string, SwimOptions>
    {
        ["lan"] = SwimOptions.Lan,
        ["local"] = SwimOptions.Local,
        ["wan"] = SwimOptions.Wan,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private PresenceSettings(SettingsReader reader)
    {
        ClusterName = reader.Text("cluster-name", 1, WireLimits.ClusterNameBytesMax);
        Seeds = reader.Addresses("seeds", WireLimits.NodesMax);
        ShardCount = reader.Integer("shards", 1, WireLimits.ShardsMax);
        FlushWindow = reader.Duration("flush-window", TimeSpan.Zero, TimeSpan.FromSeconds(1));
        RemovedAfter = reader.Duration("removed-after", TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        LeaveGrace = reader.Duration("leave-grace", TimeSpan.Zero, WireLimits.LeaveGraceMax);
        SubscriberQueue = reader.Integer("subscriber-queue", 1, 1_000_000);
        OperationLogBytesMax = reader.Bytes("operation-log-size", 4 * 1024, 1024 * 1024 * 1024);

        MembershipPreset = reader.Choice("membership.preset", [.. Presets.Keys]);
        var preset = Presets[MembershipPreset];
        ProtocolPeriod = reader.Duration(
            "membership.protocol-period", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), preset.ProtocolPeriod);
        ProbeTimeout = reader.Duration(
            "membership.probe-timeout", TimeSpan.FromMilliseconds(10), ProtocolPeriod * ProbeShareMax, preset.ProbeTimeout);
        IndirectProbes = reader.Integer("membership.indirect-probes", 0, 16, preset.IndirectProbes);
        SuspicionAlpha = reader.Integer("membership.suspicion-alpha", 1, 100, preset.SuspicionAlpha);
        SuspicionBeta = reader.Integer("membership.suspicion-beta", 1, 100, preset.SuspicionBeta);
        TransmitMultiplier = reader.Integer("membership.transmit-multiplier", 1, 100, preset.TransmitMultiplier);
        LocalHealthMax = reader.Integer("membership.local-health-max", 1, 16, preset.LocalHealthMax);

        GossipInterval = reader.Duration("gossip.interval", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        GossipFanOut = reader.Integer("gossip.fan-out", 1, 16);
        PushEnabled = reader.Flag("gossip.push-enabled");

        TopicBytesMax = reader.Bytes("limits.topic", 1, WireLimits.TopicBytesMax);
        KeyBytesMax = reader.Bytes("limits.key", 1, WireLimits.KeyBytesMax);
        OwnerBytesMax = reader.Bytes("limits.owner", 16, WireLimits.OwnerBytesMax);
        MetaBytesMax = reader.Bytes("limits.meta", 2, WireLimits.MetaBytesMax);
    }

    public string ClusterName { get; }

    /// <summary>The addresses to greet first, as <c>host:port</c>.</summary>
    public ImmutableArray<string> Seeds { get; }

    public int ShardCount { get; }

    public TimeSpan FlushWindow { get; }

    public TimeSpan RemovedAfter { get; }

    /// <summary>Of presences that live with a connection, when the caller names none.</summary>
    public TimeSpan LeaveGrace { get; }

    /// <summary>In diffs.</summary>
    public int SubscriberQueue { get; }

    /// <summary>Per shard, over all replicas.</summary>
    public int OperationLogBytesMax { get; }

    /// <summary>Where the settings of the failure detector come from that have no value of their own: lan, local or wan.</summary>
    public string MembershipPreset { get; }

    public TimeSpan ProtocolPeriod { get; }

    public TimeSpan ProbeTimeout { get; }

    public int IndirectProbes { get; }

    public int SuspicionAlpha { get; }

    public int SuspicionBeta { get; }

    public int TransmitMultiplier { get; }

    public int LocalHealthMax { get; }

    public TimeSpan GossipInterval { get; }

    public int GossipFanOut { get; }

    public bool PushEnabled { get; }

    public int TopicBytesMax { get; }

    public int KeyBytesMax { get; }

    public int OwnerBytesMax { get; }

    public int MetaBytesMax { get; }

    /// <summary>Reads the section <c>presence</c>; what is not set there has the value of <c>reference.conf</c>.</summary>
    /// <param name="config">The configuration of the actor system.</param>
    /// <exception cref="PresenceConfigurationException">At least one setting cannot be used; names them all.</exception>
    public static PresenceSettings From(Config config)
    {
        var reader = new SettingsReader(config.WithFallback(PresenceConfig.Reference), "presence");
        var settings = new PresenceSettings(reader);
        reader.ThrowIfFaulty();
        return settings;
    }
}
