using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Akka.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
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

    private const int DiscoveryNamesMax = 16;

    // Clients that keep presences in a plain object of JavaScript, as older ones of Phoenix do, would change its prototype, whoever it is that
    // has this key; so nobody has it, whichever way in.
    private const string PrototypeKey = "__proto__";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly ImmutableSortedDictionary<string, SwimOptions> Presets = new Dictionary<string, SwimOptions>
    {
        ["lan"] = SwimOptions.Lan,
        ["local"] = SwimOptions.Local,
        ["wan"] = SwimOptions.Wan,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private PresenceSettings(SettingsReader reader)
    {
        ClusterName = reader.Text("cluster-name", 1, WireLimits.ClusterNameBytesMax);
        Token = reader.Secret("token");
        Seeds = reader.Addresses("seeds", WireLimits.NodesMax);
        TlsCertificate = reader.AbsolutePath("tls.certificate");
        TlsKey = reader.AbsolutePath("tls.key");
        TlsAuthority = reader.AbsolutePath("tls.authority");
        reader.AllOrNone("tls.certificate", "tls.key", "tls.authority");
        DiscoveryDns = reader.Addresses("discovery.dns", DiscoveryNamesMax);
        DiscoveryFile = reader.AbsolutePath("discovery.file");
        DiscoveryMulticast = reader.Flag("discovery.multicast");
        DiscoveryMulticastGroup = reader.MulticastGroup("discovery.multicast-group");
        DiscoveryInterval = reader.Duration("discovery.interval", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        ShardCount = reader.Integer("shards", 1, WireLimits.ShardsMax);
        FlushWindow = reader.Duration("flush-window", TimeSpan.Zero, TimeSpan.FromSeconds(1));
        RemovedAfter = reader.Duration("removed-after", TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        LeaveGrace = reader.Duration("leave-grace", TimeSpan.Zero, WireLimits.LeaveGraceMax);
        SubscriberQueue = reader.Integer("subscriber-queue", 1, 1_000_000);
        OperationLogBytesMax = reader.Bytes("operation-log-size", 4 * 1024, 1024 * 1024 * 1024);

        MembershipKind = reader.Choice("membership.kind", "auto", "own", "akka-cluster");
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

        ClusterRole = reader.Text("cluster.role", 0, WireLimits.ClusterNameBytesMax);
        ClusterGateway = reader.Flag("cluster.gateway");
        ClusterDiffs = reader.Flag("cluster.diffs");

        GossipInterval = reader.Duration("gossip.interval", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        GossipFanOut = reader.Integer("gossip.fan-out", 1, 16);
        PushEnabled = reader.Flag("gossip.push-enabled");
        FullMeshLimit = reader.Integer("overlay.full-mesh-limit", 2, 1_000);

        TopicBytesMax = reader.Bytes("limits.topic", 1, WireLimits.TopicBytesMax);
        KeyBytesMax = reader.Bytes("limits.key", 1, WireLimits.KeyBytesMax);
        OwnerBytesMax = reader.Bytes("limits.owner", 16, WireLimits.OwnerBytesMax);
        MetaBytesMax = reader.Bytes("limits.meta", 2, WireLimits.MetaBytesMax);
    }

    /// <summary>Keeps clusters apart; 1 to 255 bytes of UTF-8. Default <c>presence</c>.</summary>
    public string ClusterName { get; }

    /// <summary>What a node must have to join, beside the name; 16 to 255 bytes of UTF-8. Default none: whoever reaches the port may join.</summary>
    public SharedToken? Token { get; }

    /// <summary>A file with the certificate that this node shows to others, as PEM; an absolute path. Default none: no TLS.</summary>
    public string? TlsCertificate { get; }

    /// <summary>A file with the private key of <see cref="TlsCertificate"/>, as PEM; an absolute path.</summary>
    public string? TlsKey { get; }

    /// <summary>A file with the certificates of the authorities whose nodes are let in, as PEM; an absolute path.</summary>
    public string? TlsAuthority { get; }

    /// <summary>The addresses to greet first, as <c>host:port</c>; at most 1,000. Default none: a cluster of its own.</summary>
    public ImmutableArray<string> Seeds { get; }

    /// <summary>Names, as <c>name:port</c>, whose addresses are nodes to greet; at most 16. Default none.</summary>
    public ImmutableArray<string> DiscoveryDns { get; }

    /// <summary>A file with the address of a node to greet in each line; an absolute path. Default none.</summary>
    public string? DiscoveryFile { get; }

    /// <summary>Whether nodes on the same LAN find each other by multicast. Default false: not every network allows it.</summary>
    public bool DiscoveryMulticast { get; }

    /// <summary>Where they do. Default 239.255.40.53:4053, of those groups that belong to nobody.</summary>
    public IPEndPoint DiscoveryMulticastGroup { get; }

    /// <summary>How often nodes are looked for; 1 s to 1 min. Default 5 s, as libcluster asks for names.</summary>
    public TimeSpan DiscoveryInterval { get; }

    /// <summary>Parts that the topics are divided into; 1 to 256. Default 8: one for each core of a common server.</summary>
    public int ShardCount { get; }

    /// <summary>How long changes are collected before they are sent; 0 ms to 1 s. Default 5 ms: far below what a person notices.</summary>
    public TimeSpan FlushWindow { get; }

    /// <summary>How long the presences of a node that is down are kept, hidden; 1 s to 30 d. Default 20 min: permdown_period of Phoenix.Tracker.</summary>
    public TimeSpan RemovedAfter { get; }

    /// <summary>How long a presence stays listed whose connection broke, when its caller names no time; 0 s to 1 d. Default 3 s: a page reload.</summary>
    public TimeSpan LeaveGrace { get; }

    /// <summary>Diffs that may wait for one subscriber; 1 to 1,000,000. Default 1,024: a few seconds of a busy topic.</summary>
    public int SubscriberQueue { get; }

    /// <summary>Bytes of the operation log of a shard, over all replicas; 4 KiB to 1 GiB. Default 1 MiB: about 40,000 operations.</summary>
    public int OperationLogBytesMax { get; }

    /// <summary>Who says which nodes are peers: auto, own or akka-cluster. Default auto: Akka.Cluster, if the actor system is in one.</summary>
    public string MembershipKind { get; }

    /// <summary>Which members of Akka.Cluster have a tracker. Default none: all have.</summary>
    public string ClusterRole { get; }

    /// <summary>Whether programs outside Akka.Cluster can use the tracker through cluster clients. Default false.</summary>
    public bool ClusterGateway { get; }

    /// <summary>Whether changes are published to actors anywhere in Akka.Cluster. Default false.</summary>
    public bool ClusterDiffs { get; }

    /// <summary>Where the settings of the failure detector come from that have no value of their own: lan, local or wan. Default lan.</summary>
    public string MembershipPreset { get; }

    /// <summary>Time between the probes that a node sends; 100 ms to 1 min. Default: the preset, as memberlist has it.</summary>
    public TimeSpan ProtocolPeriod { get; }

    /// <summary>How long a probe may take before others are asked; 10 ms to 90 % of the period. Default: the preset, as memberlist has it.</summary>
    public TimeSpan ProbeTimeout { get; }

    /// <summary>How many others are asked; 0 to 16. Default: the preset, as memberlist has it.</summary>
    public int IndirectProbes { get; }

    /// <summary>For how many periods a node is suspected that others accuse as well; 1 to 100. Default: the preset, as memberlist has it.</summary>
    public int SuspicionAlpha { get; }

    /// <summary>How many times that long, while nobody else accuses it; 1 to 100. Default: the preset, as memberlist has it.</summary>
    public int SuspicionBeta { get; }

    /// <summary>How often news is passed on, times log10 of the number of nodes; 1 to 100. Default: the preset, as memberlist has it.</summary>
    public int TransmitMultiplier { get; }

    /// <summary>How many times slower a node becomes that distrusts itself; 1 to 16. Default: the preset, as memberlist has it.</summary>
    public int LocalHealthMax { get; }

    /// <summary>Time between digest rounds; 10 ms to 1 min. Default 200 ms: the gossip interval of memberlist on a LAN.</summary>
    public TimeSpan GossipInterval { get; }

    /// <summary>Random nodes in a round; 1 to 16. Default 2, with which 1,000 nodes agree within 7 rounds.</summary>
    public int GossipFanOut { get; }

    /// <summary>Whether changes are also sent at once. Default true; only tests of the digests have a reason for false.</summary>
    public bool PushEnabled { get; }

    /// <summary>With more nodes than that each speaks to a few neighbours instead of to all; 2 to 1,000. Default 50, our choice.</summary>
    public int FullMeshLimit { get; }

    /// <summary>Bytes of UTF-8 of a topic; 1 to 512. Default 512, the bound of the protocol.</summary>
    public int TopicBytesMax { get; }

    /// <summary>Bytes of UTF-8 of a key; 1 to 256. Default 256, the bound of the protocol.</summary>
    public int KeyBytesMax { get; }

    /// <summary>Bytes of UTF-8 of an owner; 16 to 256. Default 256, the bound of the protocol.</summary>
    public int OwnerBytesMax { get; }

    /// <summary>Bytes of a meta as JSON; 2 to 4,096. Default 4,096, the bound of the protocol.</summary>
    public int MetaBytesMax { get; }

    /// <summary>Whether Akka.Cluster says which nodes are peers.</summary>
    internal bool IsInAkkaCluster { get; private set; }

    /// <summary>The settings by which this node would meet others, with their values; empty if it is to be alone.</summary>
    internal ImmutableArray<(string Key, string Value)> WaysToOthers()
    {
        ImmutableArray<(string Key, string Value)> ways =
        [
            ("presence.seeds", string.Join(", ", Seeds)),
            ("presence.discovery.dns", string.Join(", ", DiscoveryDns)),
            ("presence.discovery.file", DiscoveryFile ?? ""),
            ("presence.discovery.multicast", DiscoveryMulticast ? "on" : ""),
        ];
        return ways.RemoveAll(way => way.Value.Length == 0);
    }

    /// <summary>The settings that have a meaning in Akka.Cluster alone, with their values; those that are set.</summary>
    internal ImmutableArray<(string Key, string Value)> UsesOfCluster()
    {
        ImmutableArray<(string Key, string Value)> uses =
        [
            ("presence.cluster.role", ClusterRole),
            ("presence.cluster.gateway", ClusterGateway ? "on" : ""),
            ("presence.cluster.diffs", ClusterDiffs ? "on" : ""),
        ];
        return uses.RemoveAll(use => use.Value.Length == 0);
    }

    /// <summary>Reads the section <c>presence</c>; what is not set there has the value of <c>reference.conf</c>.</summary>
    /// <param name="config">The configuration of the actor system.</param>
    /// <exception cref="PresenceConfigurationException">At least one setting cannot be used; names them all.</exception>
    public static PresenceSettings From(Config config)
    {
        List<ConfigurationFault> faults = [];
        var settings = Read(config, faults);
        return faults.Count == 0 ? settings : throw new PresenceConfigurationException([.. faults]);
    }

    /// <summary>As <see cref="From"/>, with the faults beside what was read; where there are some, the settings are of no use.</summary>
    internal static PresenceSettings Read(Config config, List<ConfigurationFault> faults)
    {
        var reader = new SettingsReader(config.WithFallback(PresenceConfig.Reference), "presence");
        var settings = new PresenceSettings(reader);
        faults.AddRange(reader.Faults);
        settings.IsInAkkaCluster = ClusterMembership.IsAsked(config, settings, faults);
        return settings;
    }

    /// <summary>Refuses what is no topic, as every call with it would: for who collects calls, or answers without one.</summary>
    /// <exception cref="LimitExceededException">It is empty, longer than <see cref="TopicBytesMax"/>, or no well-formed Unicode.</exception>
    public void CheckTopic(string topic) => CheckText("topic", topic, TopicBytesMax);

    /// <summary>Refuses what is no key, as every call with it would.</summary>
    /// <exception cref="LimitExceededException">
    /// It is empty, longer than <see cref="KeyBytesMax"/>, no well-formed Unicode, or <c>__proto__</c>, which would change objects of clients in
    /// JavaScript.
    /// </exception>
    public void CheckKey(string key)
    {
        CheckText("key", key, KeyBytesMax);
        if (key == PrototypeKey)
        {
            throw new LimitExceededException("key", PrototypeKey, "any other name", option: nameof(key));
        }
    }

    /// <summary>Refuses a meta that is too long, as every call with it would.</summary>
    /// <exception cref="LimitExceededException">It is longer than <see cref="MetaBytesMax"/>.</exception>
    public void CheckMeta(Meta meta)
    {
        ArgumentNullException.ThrowIfNull(meta);
        if (meta.Utf8.Length > MetaBytesMax)
        {
            throw Exceeded("meta", Bytes(meta.Utf8.Length), $"at most {Bytes(MetaBytesMax)}");
        }
    }

    internal void CheckOwner(string ownerId) => CheckText("owner", ownerId, OwnerBytesMax);

    private static void CheckText(string limit, string text, int bytesMax)
    {
        ArgumentNullException.ThrowIfNull(text, limit);
        int length;
        try
        {
            length = StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw Exceeded(limit, "text with half of a surrogate pair", "well-formed Unicode");
        }

        if (length < 1 || length > bytesMax)
        {
            throw Exceeded(limit, Bytes(length), $"1 to {Bytes(bytesMax)}");
        }
    }

    private static string Bytes(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} bytes");

    private static LimitExceededException Exceeded(string limit, string value, string allowed) =>
        new(limit, value, allowed, $"presence.limits.{limit}");
}
