using Akka.Configuration;
using PresenceTracker.Configuration;
using PresenceTracker.Protocol.Identity;
using Xunit;

namespace PresenceTracker.Tests.Configuration;

public sealed class PresenceSettingsTests
{
    private const string GossipIntervals = "a time with its unit from 00:00:00.0100000 to 00:01:00";

    private const string ProbeTimeouts = "a time with its unit from 00:00:00.0100000 to 00:00:00.9000000 or preset";

    private const string Groups = "an IPv4 address from 224.0.0.0 to 239.255.255.255 with a port from 1 to 65535";

    private const string InClusterAlone = "nothing, unless akka.actor.provider is cluster and presence.membership.kind is not own";

    private static PresenceSettings Read(string hocon) => PresenceSettings.From(ConfigurationFactory.ParseString(hocon));

    private static IEnumerable<string> FaultsOf(string hocon) =>
        Assert.Throws<PresenceConfigurationException>(() => Read(hocon)).Faults.Select(fault => fault.ToString());

    [Fact]
    public void What_is_not_set_has_its_default()
    {
        var settings = Read("presence.shards = 3");

        Assert.Equal(3, settings.ShardCount);
        Assert.Equal("presence", settings.ClusterName);
        Assert.Null(settings.Token);
        Assert.Empty(settings.Seeds);
        Assert.Empty(settings.DiscoveryDns);
        Assert.Null(settings.DiscoveryFile);
        Assert.False(settings.DiscoveryMulticast);
        Assert.Equal("239.255.40.53:4053", $"{settings.DiscoveryMulticastGroup}");
        Assert.Equal(TimeSpan.FromSeconds(5), settings.DiscoveryInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(5), settings.FlushWindow);
        Assert.Equal(TimeSpan.FromMinutes(20), settings.RemovedAfter);
        Assert.Equal(TimeSpan.FromSeconds(3), settings.LeaveGrace);
        Assert.Equal(1024, settings.SubscriberQueue);
        Assert.Equal(1024 * 1024, settings.OperationLogBytesMax);
        Assert.Equal("auto", settings.MembershipKind);
        Assert.Equal("", settings.ClusterRole);
        Assert.False(settings.ClusterGateway);
        Assert.False(settings.ClusterDiffs);
        Assert.Equal("lan", settings.MembershipPreset);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.ProtocolPeriod);
        Assert.Equal(TimeSpan.FromMilliseconds(500), settings.ProbeTimeout);
        Assert.Equal(3, settings.IndirectProbes);
        Assert.Equal(4, settings.SuspicionAlpha);
        Assert.Equal(6, settings.SuspicionBeta);
        Assert.Equal(4, settings.TransmitMultiplier);
        Assert.Equal(8, settings.LocalHealthMax);
        Assert.Equal(TimeSpan.FromMilliseconds(200), settings.GossipInterval);
        Assert.Equal(2, settings.GossipFanOut);
        Assert.True(settings.PushEnabled);
        Assert.Equal(50, settings.FullMeshLimit);
        Assert.Equal(512, settings.TopicBytesMax);
        Assert.Equal(256, settings.KeyBytesMax);
        Assert.Equal(256, settings.OwnerBytesMax);
        Assert.Equal(4096, settings.MetaBytesMax);
    }

    [Fact]
    public void Every_setting_can_be_set()
    {
        var settings = Read("""
            presence {
              cluster-name = "Räume"
              token = "a secret, sixteen bytes and more"
              seeds = ["a.example:4053", "127.0.0.1:4054", "[::1]:4055"]
              discovery {
                dns = ["presence.example:4053"], file = "/etc/presence/nodes", multicast = on, multicast-group = "224.1.2.3:4", interval = 1 s
              }
              shards = 256
              flush-window = 0 ms
              removed-after = 10 s
              leave-grace = 0 s
              subscriber-queue = 1
              operation-log-size = 64 KiB
              membership {
                kind = own, preset = wan, protocol-period = 250 ms, probe-timeout = 225 ms, indirect-probes = 0
                suspicion-alpha = 1, suspicion-beta = 2, transmit-multiplier = 3, local-health-max = 5
              }
              gossip { interval = 10 s, fan-out = 3, push-enabled = off }
              overlay { full-mesh-limit = 7 }
              limits { topic = 100 b, key = 1 b, owner = 16 b, meta = 2 b }
            }
            """);

        Assert.Equal("Räume", settings.ClusterName);
        Assert.Equal(["a.example:4053", "127.0.0.1:4054", "[::1]:4055"], settings.Seeds.ToArray());
        Assert.NotNull(settings.Token);
        Assert.Equal(["presence.example:4053"], settings.DiscoveryDns.ToArray());
        Assert.Equal("/etc/presence/nodes", settings.DiscoveryFile);
        Assert.True(settings.DiscoveryMulticast);
        Assert.Equal("224.1.2.3:4", $"{settings.DiscoveryMulticastGroup}");
        Assert.Equal(TimeSpan.FromSeconds(1), settings.DiscoveryInterval);
        Assert.Equal(256, settings.ShardCount);
        Assert.Equal(TimeSpan.Zero, settings.FlushWindow);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.RemovedAfter);
        Assert.Equal(TimeSpan.Zero, settings.LeaveGrace);
        Assert.Equal(1, settings.SubscriberQueue);
        Assert.Equal(64 * 1024, settings.OperationLogBytesMax);
        Assert.Equal("own", settings.MembershipKind);
        Assert.Equal("wan", settings.MembershipPreset);
        Assert.Equal(TimeSpan.FromMilliseconds(250), settings.ProtocolPeriod);
        Assert.Equal(TimeSpan.FromMilliseconds(225), settings.ProbeTimeout);
        Assert.Equal(0, settings.IndirectProbes);
        Assert.Equal(1, settings.SuspicionAlpha);
        Assert.Equal(2, settings.SuspicionBeta);
        Assert.Equal(3, settings.TransmitMultiplier);
        Assert.Equal(5, settings.LocalHealthMax);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.GossipInterval);
        Assert.Equal(3, settings.GossipFanOut);
        Assert.False(settings.PushEnabled);
        Assert.Equal(7, settings.FullMeshLimit);
        Assert.Equal(100, settings.TopicBytesMax);
        Assert.Equal(1, settings.KeyBytesMax);
        Assert.Equal(16, settings.OwnerBytesMax);
        Assert.Equal(2, settings.MetaBytesMax);
    }

    [Theory]
    [InlineData("shards = 0", "presence.shards = 0: allowed is a whole number from 1 to 256")]
    [InlineData("shards = 257", "presence.shards = 257: allowed is a whole number from 1 to 256")]
    [InlineData("shards = eight", "presence.shards = eight: allowed is a whole number from 1 to 256")]
    [InlineData("shards = 99999999999999999999", "presence.shards = 99999999999999999999: allowed is a whole number from 1 to 256")]
    [InlineData("cluster-name = \"\"", "presence.cluster-name = : allowed is text of 1 to 255 bytes of UTF-8")]
    [InlineData("gossip.interval = 200", "presence.gossip.interval = 200: allowed is " + GossipIntervals)]
    [InlineData("gossip.interval = soon", "presence.gossip.interval = soon: allowed is " + GossipIntervals)]
    [InlineData("gossip.interval = infinite", "presence.gossip.interval = infinite: allowed is " + GossipIntervals)]
    [InlineData("gossip.interval = -1 s", "presence.gossip.interval = -1 s: allowed is " + GossipIntervals)]
    [InlineData("gossip.push-enabled = maybe", "presence.gossip.push-enabled = maybe: allowed is on or off")]
    [InlineData("limits.topic = 513 b", "presence.limits.topic = 513 b: allowed is 1 b to 512 b")]
    [InlineData("limits.meta = a lot", "presence.limits.meta = a lot: allowed is 2 b to 4096 b")]
    [InlineData("membership.preset = metro", "presence.membership.preset = metro: allowed is lan, local, wan")]
    [InlineData("membership.kind = raft", "presence.membership.kind = raft: allowed is auto, own, akka-cluster")]
    [InlineData("membership.kind = akka-cluster", "presence.membership.kind = akka-cluster: allowed is auto or own, unless akka.actor.provider is cluster")]
    [InlineData("cluster.role = chat", "presence.cluster.role = chat: allowed is " + InClusterAlone)]
    [InlineData("cluster.gateway = on", "presence.cluster.gateway = on: allowed is " + InClusterAlone)]
    [InlineData("cluster.diffs = on", "presence.cluster.diffs = on: allowed is " + InClusterAlone)]
    [InlineData("membership.suspicion-alpha = 0", "presence.membership.suspicion-alpha = 0: allowed is a whole number from 1 to 100 or preset")]
    [InlineData("membership.probe-timeout = 1 s", "presence.membership.probe-timeout = 1 s: allowed is " + ProbeTimeouts)]
    [InlineData("membership.protocol-period = 200 ms", "presence.membership.probe-timeout = 00:00:00.5000000: allowed is a time with its unit from 00:00:00.0100000 to 00:00:00.1800000 or preset")]
    [InlineData("token = \"too short\"", "presence.token = (hidden): allowed is nothing, or text of 16 to 255 bytes of UTF-8")]
    [InlineData("token = [\"a secret, sixteen bytes and more\"]", "presence.token = (hidden): allowed is nothing, or text of 16 to 255 bytes of UTF-8")]
    [InlineData("discovery.dns = [\"presence.example\"]", "presence.discovery.dns = presence.example: allowed is a list of at most 16 addresses, each " + NodeAddress.Form)]
    [InlineData("discovery.file = nodes", "presence.discovery.file = nodes: allowed is nothing, or an absolute path of a file")]
    [InlineData("discovery.file = /etc/", "presence.discovery.file = /etc/: allowed is nothing, or an absolute path of a file")]
    [InlineData("discovery.multicast-group = \"10.0.0.1:4053\"", "presence.discovery.multicast-group = 10.0.0.1:4053: allowed is " + Groups)]
    [InlineData("discovery.multicast-group = \"239.0.0.1\"", "presence.discovery.multicast-group = 239.0.0.1: allowed is " + Groups)]
    [InlineData("discovery.multicast-group = \"[ff02::1]:4053\"", "presence.discovery.multicast-group = [ff02::1]:4053: allowed is " + Groups)]
    [InlineData("seeds = \"a:1\"", "presence.seeds = a:1: allowed is a list of at most 1000 addresses, each " + NodeAddress.Form)]
    public void A_setting_that_cannot_be_used_is_named_with_its_value_and_what_is_allowed(string line, string fault) =>
        Assert.Equal([fault], FaultsOf("presence { " + line + " }"));

    [Theory]
    [InlineData("cluster", "auto")]
    [InlineData("cluster", "akka-cluster")]
    [InlineData("\"Akka.Cluster.ClusterActorRefProvider, Akka.Cluster\"", "auto")]
    public void In_Akka_Cluster_its_settings_can_be_set_and_ways_to_find_nodes_are_faults(string provider, string kind)
    {
        var hocon = $"akka.actor.provider = {provider}, presence.membership.kind = {kind}\n";

        var settings = Read(hocon + "presence.cluster { role = chat, gateway = on, diffs = on }");

        Assert.Equal(("chat", true, true), (settings.ClusterRole, settings.ClusterGateway, settings.ClusterDiffs));
        Assert.All(
            new[] { "seeds = [\"a:1\"]", "discovery.dns = [\"a:1\"]", "discovery.file = /a", "discovery.multicast = on" },
            line => Assert.Contains("Akka.Cluster says which nodes are peers", Assert.Single(FaultsOf($"{hocon}presence.{line}")), StringComparison.Ordinal));
    }

    [Fact]
    public void With_a_membership_of_its_own_a_tracker_in_Akka_Cluster_has_seeds()
    {
        const string hocon = "akka.actor.provider = cluster, presence.membership.kind = own\n";

        Assert.Equal(["a:1"], Read(hocon + "presence.seeds = [\"a:1\"]").Seeds.ToArray());
        Assert.Equal([$"presence.cluster.gateway = on: allowed is {InClusterAlone}"], FaultsOf(hocon + "presence.cluster.gateway = on"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a:")]
    [InlineData(":1")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:+1")]
    [InlineData("a b:1")]
    [InlineData("a/b:1")]
    [InlineData("user@a:1")]
    [InlineData("akka.tcp://system@a:1")]
    public void A_seed_that_is_no_address_is_named(string seed) =>
        Assert.StartsWith(
            $"presence.seeds = {seed}: ", Assert.Single(FaultsOf($"presence.seeds = [\"good:1\", \"{seed}\"]")), StringComparison.Ordinal);

    [Fact]
    public void All_faults_are_found_at_once() =>
        Assert.Equal(
            ["presence.seeds", "presence.shards", "presence.membership.protocol-period", "presence.limits.key"],
            Assert.Throws<PresenceConfigurationException>(() => Read("""
                presence { limits.key = 300 b, membership.protocol-period = 1 ms, shards = -1, seeds = ["nowhere"] }
                """)).Faults.Select(fault => fault.Key));
}
