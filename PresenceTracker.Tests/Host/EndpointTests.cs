using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace PresenceTracker.Tests.Host;

[Collection(SharedHostCollection.Name)]
public sealed class EndpointTests(SharedHost host)
{
    private readonly HostNode _node = host.Node;
    private readonly string _topic = host.NewTopic();

    [Fact]
    public async Task Who_is_put_is_listed_counted_and_found_until_deleted()
    {
        var first = await _node.PutAsync(_topic, "alice", """{"device":"phone"}""");
        await _node.PutAsync(_topic, "alice", """{ "device" : "laptop" }""", "?lease=1h&owner=desk");
        await _node.PutAsync(_topic, "bob", "");

        var listed = await _node.GetAsync(HostNode.PathOf(_topic, "presences"));
        Assert.Equal(["alice", "bob"], listed.Select(entry => entry.Key));
        Assert.Equal($$"""{"device":"phone","phx_ref":"{{first}}"}""", listed["alice"]!["metas"]![0]!.ToJsonString());
        Assert.Equal(2, listed["alice"]!["metas"]!.AsArray().Count);
        Assert.Equal("""{"keys":2,"metas":3}""", (await _node.GetAsync(HostNode.PathOf(_topic, "count"))).ToJsonString());
        Assert.Equal([_topic], (await _node.GetAsync("/api/keys/alice"))["topics"]!.AsArray().Select(topic => (string)topic!).Where(topic => topic == _topic));

        Assert.Equal(HttpStatusCode.NoContent, (await _node.Http.DeleteAsync(HostNode.PathOf(_topic, "alice", "?owner=desk"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _node.Http.DeleteAsync(HostNode.PathOf(_topic, "alice", ""))).StatusCode);
        var gone = await Problem.OfAsync(await _node.Http.DeleteAsync(HostNode.PathOf(_topic, "alice", "")), HttpStatusCode.NotFound);
        Assert.Contains("lease:http", (string)gone["detail"]!, StringComparison.Ordinal);
        Assert.Equal("""{"keys":1,"metas":1}""", (await _node.GetAsync(HostNode.PathOf(_topic, "count"))).ToJsonString());
    }

    [Fact]
    public async Task A_repeated_put_renews_and_only_another_meta_gives_another_ref()
    {
        var first = await _node.PutAsync(_topic, "alice", """{"n":1}""");

        Assert.Equal(first, await _node.PutAsync(_topic, "alice", """{ "n": 1.0 }"""));
        Assert.NotEqual(first, await _node.PutAsync(_topic, "alice", """{"n":2}"""));
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends()
    {
        await using var events = await _node.WatchAsync(_topic);
        await events.NextAsync("presence_state");

        await _node.PutAsync(_topic, "alice", query: "?lease=1s");

        Assert.NotNull((await events.NextAsync("presence_diff"))["joins"]!["alice"]);
        Assert.NotNull((await events.NextAsync("presence_diff"))["leaves"]!["alice"]);
    }

    [Fact]
    public async Task Metas_name_their_node_when_asked_to()
    {
        await _node.PutAsync(_topic, "alice", """{"phx_node":"mine"}""");

        Assert.Equal("mine", (string)MetaOf(await _node.GetAsync(HostNode.PathOf(_topic, "presences")))["phx_node"]!);
        Assert.Equal(
            _node.Tracker.Self.Address,
            (string)MetaOf(await _node.GetAsync(HostNode.PathOf(_topic, "presences?nodes=true")))["phx_node"]!);
    }

    [Fact]
    public async Task The_nodes_are_listed_itself_first()
    {
        await _node.PutAsync(_topic, "alice");

        var listed = await _node.GetAsync("/api/nodes");

        Assert.Equal(_node.Tracker.Self.Address, (string)listed["self"]!);
        var self = Assert.Single(listed["nodes"]!.AsArray())!;
        Assert.Equal(_node.Tracker.Self.Address, (string)self["address"]!);
        Assert.Equal("up", (string)self["state"]!);
        Assert.True((bool)self["self"]!);
        Assert.Matches("^[0-9]+-[0-9a-f]{16}$", (string)self["incarnation"]!);
        Assert.Equal(8, self["contexts"]!.AsArray().Count);
        Assert.Equal(0, (int)self["lag"]!);
        Assert.True((int)self["presences"]! > 0);
        Assert.Equal("""{"messages":0,"bytes":0}""", self["sent"]!.ToJsonString());
        Assert.Equal("""{"messages":0,"bytes":0}""", self["received"]!.ToJsonString());
    }

    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task Health_is_told(string path, string status) => Assert.Equal(status, (string)(await _node.GetAsync(path))["status"]!);

    [Fact]
    public async Task Metrics_are_told_for_Prometheus()
    {
        await _node.PutAsync(_topic, "alice");

        var metrics = await _node.Http.GetStringAsync("/metrics");

        Assert.Matches("(?m)^presence_presences\\{[^}]*\\} [1-9]", metrics);
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        var paths = (await _node.GetAsync("/openapi/v1.json"))["paths"]!.AsObject();

        string[] expected =
        [
            "/api/keys/{key}", "/api/nodes", "/api/presences", "/api/topics/{topic}/count", "/api/topics/{topic}/events",
            "/api/topics/{topic}/presences", "/api/topics/{topic}/presences/{key}", "/health/live", "/health/ready",
        ];
        Assert.Equal(expected, paths.Select(path => path.Key).Order(StringComparer.Ordinal));
        Assert.All(
            paths.SelectMany(path => path.Value!.AsObject()), operation => Assert.NotNull(operation.Value!["summary"]));
    }

    private static JsonNode MetaOf(JsonObject listed) => listed["alice"]!["metas"]![0]!;
}
