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
        var config = options.ToConfig();
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

        Assert.Equal("mine", PresenceTracker.Configuration.PresenceSettings.From(options.ToConfig()).ClusterName);
    }

    [Fact]
    public void The_default_node_is_the_default()
    {
        var options = new PresenceTrackerOptions();
        Read(["--config", Path.Combine(Docs.Repository.Root, "config", "node.conf")]).ApplyTo(options);

        var file = options.ToConfig();
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

    private static HostSettings Read(string[] arguments) =>
        HostSettings.From(new ConfigurationBuilder().AddInMemoryCollection(HostArguments.Parse(arguments)).Build());
}
