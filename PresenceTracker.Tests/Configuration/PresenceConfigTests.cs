using Akka.Actor;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Remote;
using PresenceTracker.Configuration;
using PresenceTracker.Tests.Docs;
using Xunit;

namespace PresenceTracker.Tests.Configuration;

public sealed class PresenceConfigTests : IDisposable
{
    private const string Quiet = "akka { stdout-loglevel = OFF, loggers = [] }";

    private readonly ActorSystem _defaults = ActorSystem.Create(
        "defaults",
        ConfigurationFactory.ParseString(Quiet + """
             akka { actor.provider = remote, remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 } }
            """));

    private readonly ActorSystem _ours = ActorSystem.Create("ours", Ours());

    public static TheoryData<RemotingAddress, string> BadAddresses => new()
    {
        { new RemotingAddress("", 1), "hostname =" },
        { new RemotingAddress("a b", 1), "hostname = a b" },
        { new RemotingAddress("\" port = 1", 1), "hostname = \" port = 1" },
        { new RemotingAddress("0.0.0.0", 1), "public-hostname = 0.0.0.0" },
        { new RemotingAddress("[::]", 1), "public-hostname = [::]" },
        { new RemotingAddress("0.0.0.0", 1) { PublicHost = "a/b" }, "public-hostname = a/b" },
        { new RemotingAddress(new string('h', 250), 1), "public-hostname = hhh" },
        { new RemotingAddress("a", -1), "port = -1" },
        { new RemotingAddress("a", 65_536), "port = 65536" },
        { new RemotingAddress("a", 1) { PublicPort = 65_536 }, "public-port = 65536" },
    };

    public void Dispose()
    {
        _ours.Dispose();
        _defaults.Dispose();
    }

    [Fact]
    public void Every_setting_of_Akka_that_we_change_is_one_that_Akka_has()
    {
        var akka = _defaults.Settings.Config;
        Assert.All(KeysOf(Ours()).Where(key => key.StartsWith("akka.", StringComparison.Ordinal)), key => Assert.True(akka.HasPath(key), key));
        Assert.All(RemotingSetting.All, setting => Assert.True(akka.HasPath(setting.Key), setting.Key));
    }

    [Fact]
    public void Akka_Remote_reads_our_settings_as_they_are_meant()
    {
        var remote = new RemoteSettings(_ours.Settings.Config);
        Assert.Equal(TimeSpan.FromMilliseconds(200), remote.RetryGateClosedFor);
        Assert.Equal(TimeSpan.FromDays(3650), remote.QuarantineSilentSystemTimeout);
        Assert.True(remote.UntrustedMode);
        Assert.Equal("OFF", remote.RemoteLifecycleEventsLogLevel, ignoreCase: true);

        var config = _ours.Settings.Config;
        Assert.Equal(TimeSpan.FromSeconds(2), config.GetTimeSpan("akka.remote.dot-netty.tcp.connection-timeout"));
        var detector = new DeadlineFailureDetector(config.GetConfig("akka.remote.transport-failure-detector"), _ours.EventStream);
        Assert.True(detector.IsAvailable);
        Assert.Equal(80_000, config.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size"));
    }

    [Fact]
    public void What_differs_in_a_system_of_a_user_is_listed_with_what_follows()
    {
        var differences = PresenceConfig.DifferencesFrom(_defaults.Settings.Config);

        Assert.Equal(
            RemotingSetting.All.Select(setting => setting.Key).Except(["akka.remote.dot-netty.tcp.maximum-frame-size"]),
            differences.Select(difference => difference.Key));
        Assert.Contains(
            "akka.remote.retry-gate-closed-for is 5 s instead of 200ms: after a refused dial everything sent to that node is dropped for so"
            + " long, so a partition heals that much later",
            differences.Select(difference => difference.ToString()));
    }

    [Fact]
    public void Nothing_differs_in_a_system_of_ours_and_nothing_where_a_user_has_done_better()
    {
        Assert.Empty(PresenceConfig.DifferencesFrom(_ours.Settings.Config));
        var better = ConfigurationFactory.ParseString("""
            akka.remote {
              retry-gate-closed-for = 50 ms
              quarantine-after-silence = 9999 d
              dot-netty.tcp.maximum-frame-size = 1 MiB
              transport-failure-detector.heartbeat-interval = 500 ms
            }
            """);
        Assert.Empty(PresenceConfig.DifferencesFrom(better.WithFallback(_ours.Settings.Config)));
    }

    [Fact]
    public void Only_systems_of_ours_refuse_system_messages()
    {
        Assert.True(PresenceConfig.RefusesSystemMessages(_ours.Settings.Config));
        Assert.False(PresenceConfig.RefusesSystemMessages(_defaults.Settings.Config));
    }

    // Else no member would ever hear of another: Akka.Cluster sends to selections, and system messages.
    [Fact]
    public void What_Akka_Cluster_needs_is_left_on_for_it_and_what_builds_what_a_peer_names_is_not()
    {
        var file = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(Repository.Root, "config", "cluster.conf")));
        var config = PresenceConfig.ForNewSystem(new RemotingAddress("127.0.0.1", 1), file);

        Assert.True(PresenceSettings.From(config).IsInAkkaCluster);
        Assert.False(PresenceConfig.RefusesSystemMessages(config));
        Assert.All(
            new[] { "akka-containers", "akka-misc", "akka-system-msg" }, name => Assert.False(config.HasPath($"akka.actor.serializers.{name}")));
        Assert.False(config.HasPath("akka.remote.untrusted-mode"));
        Assert.All(
            new[] { "json", "proto", "daemon-create" },
            name => Assert.Equal(RemotingSetting.Refusing, config.GetString($"akka.actor.serializers.{name}")));
    }

    [Fact]
    public void What_the_owner_of_a_node_sets_rules()
    {
        var own = ConfigurationFactory.ParseString("presence.shards = 3, akka { loglevel = DEBUG, remote.retry-gate-closed-for = 1 s }");
        var config = PresenceConfig.ForNewSystem(new RemotingAddress("a", 1), own);

        Assert.Equal(3, PresenceSettings.From(config).ShardCount);
        Assert.Equal("DEBUG", config.GetString("akka.loglevel"));
        Assert.Equal("akka.remote.retry-gate-closed-for", Assert.Single(PresenceConfig.DifferencesFrom(config)).Key);
    }

    [Fact]
    public void Bound_and_advertised_address_are_apart()
    {
        var address = new RemotingAddress("0.0.0.0", 4053) { PublicHost = "node-1.example", PublicPort = 14_053 };
        var tcp = PresenceConfig.ForNewSystem(address).GetConfig("akka.remote.dot-netty.tcp");

        Assert.Equal("0.0.0.0", tcp.GetString("hostname"));
        Assert.Equal(4053, tcp.GetInt("port"));
        Assert.Equal("node-1.example", tcp.GetString("public-hostname"));
        Assert.Equal(14_053, tcp.GetInt("public-port"));
    }

    [Fact]
    public void A_node_on_any_free_port_advertises_the_one_it_got()
    {
        var address = ((ExtendedActorSystem)_ours).Provider.DefaultAddress;
        Assert.Equal("127.0.0.1", address.Host);
        Assert.InRange(address.Port ?? 0, 1, 65_535);
    }

    [Theory]
    [MemberData(nameof(BadAddresses))]
    public void An_address_that_cannot_be_used_is_named(RemotingAddress address, string fault)
    {
        var refusal = Assert.Throws<PresenceConfigurationException>(() => PresenceConfig.ForNewSystem(address));
        Assert.Contains(refusal.Faults, found => found.ToString().StartsWith($"akka.remote.dot-netty.tcp.{fault}", StringComparison.Ordinal));
    }

    private static Config Ours() =>
        PresenceConfig.ForNewSystem(new RemotingAddress("127.0.0.1", 0), ConfigurationFactory.ParseString(Quiet));

    private static IEnumerable<string> KeysOf(Config config) => KeysOf(config.Root, "");

    private static IEnumerable<string> KeysOf(HoconValue value, string path) => value.IsObject()
        ? value.GetObject().Items.SelectMany(item => KeysOf(item.Value, path.Length == 0 ? item.Key : $"{path}.{item.Key}"))
        : [path];
}
