using Microsoft.Extensions.Configuration;
using PresenceTracker.Host;
using Xunit;

namespace PresenceTracker.Tests.Host;

public sealed class HostArgumentsTests
{
    [Theory]
    [InlineData("unknown argument --nonsense", "--nonsense")]
    [InlineData("unknown argument node-port", "node-port", "1")]
    [InlineData("--node-port needs a value: --node-port PORT", "--node-port")]
    [InlineData("--seeds needs a value", "--seeds", "--insecure")]
    [InlineData("--node-port is given twice", "--node-port", "1", "--node-port=2")]
    [InlineData("--node-port x: allowed is 0", "--node-port", "x")]
    [InlineData("--node-port 65536: allowed is 0", "--node-port=65536")]
    [InlineData("--node-port -1: allowed is 0", "--node-port=-1")]
    [InlineData("--insecure perhaps: allowed is true or false", "--insecure=perhaps")]
    [InlineData("--urls nowhere: ", "--urls", "nowhere")]
    [InlineData("--urls http://127.0.0.1:99999: ", "--urls", "http://127.0.0.1:99999")]
    [InlineData("--urls nowhere: ", "--urls", "nowhere", "--api-key", "secret")]
    [InlineData("--allowed-origins nowhere: ", "--allowed-origins", "nowhere")]
    [InlineData("--allowed-origins https://a.example/path: ", "--allowed-origins", "https://a.example/path")]
    [InlineData("--config /no/such/file: ", "--config", "/no/such/file")]
    [InlineData("--otlp-endpoint nowhere: ", "--otlp-endpoint", "nowhere")]
    [InlineData("--api-key or PRESENCE_API_KEY is empty", "--api-key", "")]
    [InlineData("--api-key or PRESENCE_API_KEY is empty", "--api-key= ")]
    [InlineData("--token or PRESENCE_TOKEN is empty", "--token", "")]
    [InlineData("--discovery-multicast perhaps: allowed is true or false", "--discovery-multicast=perhaps")]
    [InlineData("--event-streams-max 0: allowed is 1 and more", "--event-streams-max", "0")]
    public void What_cannot_be_used_is_named(string message, params string[] arguments) => Assert.StartsWith(
        message, Assert.Throws<HostStartException>(() => HostApplication.Build(arguments)).Message, StringComparison.Ordinal);

    [Fact]
    public void All_that_cannot_be_used_is_named_at_once_arguments_and_settings_alike()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(
            file,
            """
            presence {
              membership { preset = metro, protocol-period = 200 ms, probe-timeout = 500 ms }
              limits.topic = 10 KiB
              tls { certificate = "/no/such.crt", key = "/no/such.key", authority = "/no/such/ca.crt" }
            }
            """);
        try
        {
            var refused = Assert.Throws<HostStartException>(() => HostApplication.Build(
            [
                "--nonsense", "--node-port", "x", "--urls", "http://0.0.0.0:0;nowhere", "--seeds", "a b:1,nowhere", "--token", "short", "--config", file,
                "--node-host", "a b", "--otlp-endpoint", "nowhere", "--event-streams-max",
            ])).Message;

            string[] expected =
            [
                "unknown argument --nonsense; --help lists all",
                "--event-streams-max needs a value: --event-streams-max NUMBER",
                "--urls nowhere: Invalid url: 'nowhere'",
                "--node-port x: allowed is 0, for any free port, to 65535",
                "--otlp-endpoint nowhere: allowed is a URL such as http://127.0.0.1:4317",
                "http://0.0.0.0:0 can be reached from other machines, and whoever reaches it could write: give a key by --api-key KEY, or allow it by --insecure",
                "akka.remote.dot-netty.tcp.hostname = a b: allowed is a host name or an IP address (option: --node-host or PRESENCE_NODE_HOST)",
                "akka.remote.dot-netty.tcp.public-hostname = a b: allowed is a host name or an IP address, at most 249 bytes, that other nodes can dial (option: --node-public-host or PRESENCE_NODE_PUBLIC_HOST)",
                "presence.token = (hidden): allowed is nothing, or text of 16 to 255 bytes of UTF-8 (option: --token or PRESENCE_TOKEN)",
                .. ((string[])["a b:1", "nowhere"]).Select(seed =>
                    $"presence.seeds = {seed}: allowed is a list of at most 1000 addresses, each host:port with a port from 1 to 65535, at most 255 bytes (option: --seeds or PRESENCE_SEEDS)"),
                "presence.membership.preset = metro: allowed is lan, local, wan",
                "presence.membership.probe-timeout = 500 ms: allowed is a time with its unit from 00:00:00.0100000 to 00:00:00.1800000 or preset",
                "presence.limits.topic = 10 KiB: allowed is 1 b to 512 b",
                "presence.tls.certificate = /no/such.crt (Could not find a part of the path '/no/such.crt'.): allowed is a file that can be read",
                "presence.tls.key = /no/such.key (Could not find a part of the path '/no/such.key'.): allowed is a file that can be read",
                "presence.tls.authority = /no/such/ca.crt (Could not find a part of the path '/no/such/ca.crt'.): allowed is a file that can be read",
            ];
            Assert.Equal(string.Join("; ", expected), refused);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Without_any_it_is_a_node_of_its_own_on_this_machine()
    {
        var settings = Read([]);

        Assert.Equal(
            ("http://127.0.0.1:5000", "127.0.0.1", 4053, 0), (settings.Urls, settings.NodeHost, settings.NodePort, settings.Seeds.Count));
    }

    [Fact]
    public void The_key_is_not_in_what_the_settings_say_of_themselves() =>
        Assert.DoesNotContain("secret", Read(["--api-key", "secret"]).ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_variable_that_looks_like_an_option_and_is_none_is_told_but_those_of_Kubernetes() => Assert.Equal(
        ["PRESENCE_APIKEY", "PRESENCE_HTTP_PORT"],
        HostArguments.Unknown(
        [
            "PRESENCE_HTTP_PORT", "PRESENCE_APIKEY", "PRESENCE_API_KEY", "PATH", "PRESENCE_SERVICE_HOST", "PRESENCE_SERVICE_PORT_HTTP", "PRESENCE_PORT",
            "PRESENCE_PORT_5000_TCP_ADDR", "PRESENCE_TRACKER_SERVICE_HOST", "PRESENCE_TRACKER_PORT_5000_TCP",
        ]));

    [Fact]
    public void Each_reaches_the_node()
    {
        var options = new PresenceTrackerOptions();

        Read(
        [
            "--node-host", "0.0.0.0", "--node-public-host=a.example", "--node-port", "1", "--cluster-name", "c", "--seeds", "b:1, c:2",
            "--discovery-dns", "d:1,e:2", "--discovery-file", "nodes", "--discovery-multicast", "--token", "a \"secret\", sixteen bytes",
        ]).ApplyTo(options);

        Assert.Equal(("0.0.0.0", "a.example", 1), (options.NodeHost, options.NodePublicHost, options.NodePort));
        var config = options.Read().Config;
        Assert.Equal("c", config.GetString("presence.cluster-name"));
        Assert.Equal(["b:1", "c:2"], config.GetStringList("presence.seeds"));
        Assert.Equal(["d:1", "e:2"], config.GetStringList("presence.discovery.dns"));
        Assert.Equal(Path.GetFullPath("nodes"), config.GetString("presence.discovery.file"));
        Assert.True(config.GetBoolean("presence.discovery.multicast"));
        Assert.Equal("a \"secret\", sixteen bytes", config.GetString("presence.token"));
    }

    [Theory]
    [InlineData("node.conf")]
    [InlineData("demo.conf")]
    public void Arguments_rule_over_the_files_that_come_with_it(string file)
    {
        var path = Path.Combine(Docs.Repository.Root, "config", file);
        var options = new PresenceTrackerOptions();

        Read(["--config", path, "--cluster-name", "mine"]).ApplyTo(options);

        Assert.Equal("mine", options.Read().Settings.ClusterName);
    }

    [Fact]
    public void The_default_node_is_the_default()
    {
        var options = new PresenceTrackerOptions();
        Read(["--config", Path.Combine(Docs.Repository.Root, "config", "node.conf")]).ApplyTo(options);

        var file = options.Read().Config;
        var reference = PresenceTracker.Configuration.PresenceConfig.Reference;

        foreach (var key in (string[])["shards", "leave-grace", "removed-after", "subscriber-queue", "membership.preset",
            "limits.topic", "limits.key", "limits.meta"])
        {
            Assert.Equal(reference.GetString("presence." + key), file.GetString("presence." + key));
        }
    }

    [Fact]
    public void Every_option_is_documented()
    {
        var page = Docs.Repository.Read("docs", "OPERATIONS.md");

        Assert.All(HostOption.All, option =>
        {
            Assert.Contains($"`{option.Argument}", page, StringComparison.Ordinal);
            Assert.Contains(option.Argument, HostArguments.HelpText(), StringComparison.Ordinal);
        });
    }

    private static HostSettings Read(string[] arguments)
    {
        List<string> faults = [];
        var given = HostArguments.Parse(arguments, faults);
        var settings = HostSettings.From(new ConfigurationBuilder().AddInMemoryCollection(given).Build(), faults);
        Assert.Empty(faults);
        return settings;
    }
}
