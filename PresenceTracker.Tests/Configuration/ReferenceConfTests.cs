using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using PresenceTracker.Actors;
using PresenceTracker.Configuration;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Topology;
using Xunit;

namespace PresenceTracker.Tests.Configuration;

public sealed partial class ReferenceConfTests
{
    private static readonly string[] Keys = [.. KeysOf(PresenceConfig.Reference.GetConfig("presence").Root, "presence")];

    [Fact]
    public void Every_key_is_read_and_checked() =>
        Assert.All(
            Keys,
            key =>
            {
                var nonsense = ConfigurationFactory.ParseString($"{key} = nonsense");
                if (key == "presence.cluster-name")
                {
                    Assert.Equal("nonsense", PresenceSettings.From(nonsense).ClusterName);
                }
                else
                {
                    Assert.Equal(key, Assert.Throws<PresenceConfigurationException>(() => PresenceSettings.From(nonsense)).Faults[0].Key);
                }
            });

    [Fact]
    public void Every_setting_has_a_key() => Assert.Equal(typeof(PresenceSettings).GetProperties().Length, Keys.Length);

    [Fact]
    public void Every_key_is_explained_right_above_it()
    {
        var lines = Text().Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (Setting().IsMatch(lines[i]) && !lines[i].Contains("presence {", StringComparison.Ordinal))
            {
                Assert.True(lines[i - 1].TrimStart().StartsWith('#') || Setting().IsMatch(lines[i - 1]), $"line {i + 1}: {lines[i]}");
            }
        }
    }

    [Fact]
    public void The_defaults_are_those_of_the_cores()
    {
        var settings = PresenceSettings.From(ConfigurationFactory.Empty);
        var membership = new MembershipOptions { ClusterName = settings.ClusterName, ShardCount = settings.ShardCount };
        Assert.Equal(membership.Swim, NodeOptions.From(settings, [], seed: 0, "").Membership.Swim);
        Assert.Equal(membership.RemovedAfter, settings.RemovedAfter);
        var gossip = new GossipOptions();
        Assert.Equal(gossip.ShardCount, settings.ShardCount);
        Assert.Equal(gossip.RoundInterval, settings.GossipInterval);
        Assert.Equal(gossip.FanOut, settings.GossipFanOut);
        Assert.Equal(gossip.PushEnabled, settings.PushEnabled);
        Assert.Equal(new TopologyOptions().FullMeshLimit, settings.FullMeshLimit);
        Assert.Equal(new PresenceSetOptions().OperationLogBytesMax, settings.OperationLogBytesMax);
    }

    [Fact]
    public void The_presets_are_as_the_table_says()
    {
        var rows = Text().Split('\n').Select(line => line.Trim(' ', '#', '\r'))
            .SkipWhile(line => !line.StartsWith("lan ", StringComparison.Ordinal)).TakeWhile(line => line.Length > 0)
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        foreach (var (column, name) in rows[0].Index())
        {
            var written = string.Concat(rows[1..].Select(row => $"presence.membership.{row[0]} = {row[column + 1]}\n"));
            var byName = PresenceSettings.From(ConfigurationFactory.ParseString($"presence.membership.preset = {name}"));
            var byValue = PresenceSettings.From(ConfigurationFactory.ParseString(written));
            Assert.Equal(7, rows.Count - 1);
            Assert.Equal(
                NodeOptions.From(byValue, [], seed: 0, "").Membership.Swim, NodeOptions.From(byName, [], seed: 0, "").Membership.Swim);
        }
    }

    private static IEnumerable<string> KeysOf(HoconValue value, string path) => (value.IsObject(), path) switch
    {
        (_, "presence.dispatcher") => [],
        (true, _) => value.GetObject().Items.SelectMany(item => KeysOf(item.Value, $"{path}.{item.Key}")),
        _ => [path],
    };

    private static string Text()
    {
        using var stream = typeof(PresenceConfig).Assembly.GetManifestResourceStream("PresenceTracker.reference.conf")!;
        return new StreamReader(stream).ReadToEnd();
    }

    [GeneratedRegex(@"^\s*[a-z-]+ (=|\{)")]
    private static partial Regex Setting();
}
