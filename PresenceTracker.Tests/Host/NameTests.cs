using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>Topics and keys that paths have a meaning for.</summary>
[Collection(SharedHostCollection.Name)]
public sealed class NameTests(SharedHost host)
{
    private readonly HostNode _node = host.Node;

    public static TheoryData<string> Names =>
    [
        "a/b", "/", "//", "a%b", "%", "%2F", "%252F", "%2E%2E", "a b", "a+b", "?", "#", "a&topic=b", "-", "...", "..a", "😀", "é", "\u0000", "\n",
        "presences", new string('x', 256), new string('é', 128),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Any_name_works_in_every_path(string name)
    {
        // NUL cannot travel in a path: the server refuses it before us.
        var hasNul = name.Contains('\0', StringComparison.Ordinal);
        var path = hasNul ? $"/api/topics/-/presences/-?topic={Uri.EscapeDataString(name)}&key={Uri.EscapeDataString(name)}"
            : HostNode.PathOf(name, name, "");

        Assert.Equal(HttpStatusCode.OK, (await _node.Http.PutAsync(path, null)).StatusCode);
        Assert.Equal([name], _node.Tracker.List(name).Keys);
        if (!hasNul)
        {
            Assert.Equal([name], (await _node.GetAsync(HostNode.PathOf(name, "presences"))).Select(entry => entry.Key));
            Assert.Equal([name], Topics(await _node.GetAsync("/api/keys/" + Uri.EscapeDataString(name))));
            await using var events = await _node.WatchAsync(name);
            Assert.Equal([name], (await events.NextAsync("presence_state")).Select(entry => entry.Key));
        }

        Assert.Equal(HttpStatusCode.NoContent, (await _node.Http.DeleteAsync(path)).StatusCode);
        Assert.Equal(0, _node.Tracker.Count(name).Metas);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public async Task Dots_work_as_they_are_over_a_socket_and_by_the_query_for_clients_that_fold_them(string name)
    {
        var escaped = name.Replace(".", "%2E", StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await SendAsync("PUT", $"/api/topics/{name}/presences/{name}"), StringComparison.Ordinal);
        Assert.Equal([name], _node.Tracker.List(name).Keys);
        Assert.Contains($"\"{name}\":{{\"metas\"", await SendAsync("GET", $"/api/topics/{escaped}/presences"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 204", await SendAsync("DELETE", $"/api/topics/{escaped}/presences/{escaped}"), StringComparison.Ordinal);

        var path = $"/api/topics/-/presences/-?topic={name}&key={name}";
        Assert.Equal(HttpStatusCode.OK, (await _node.Http.PutAsync(path, null)).StatusCode);
        Assert.Equal([name], (await _node.GetAsync($"/api/topics/-/presences?topic={name}")).Select(entry => entry.Key));
        Assert.Equal(1, (int)(await _node.GetAsync($"/api/topics/-/count?topic={name}"))["keys"]!);
        Assert.Equal([name], Topics(await _node.GetAsync($"/api/keys/-?key={name}")));
        Assert.Equal(HttpStatusCode.NoContent, (await _node.Http.DeleteAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData(512, HttpStatusCode.OK)]
    [InlineData(513, HttpStatusCode.BadRequest)]
    public async Task A_topic_has_at_most_512_bytes_wherever_it_is_named(int bytes, HttpStatusCode expected)
    {
        var topic = new string('x', bytes);

        Assert.Equal(expected, (await _node.Http.PutAsync(HostNode.PathOf(topic, "k", ""), null)).StatusCode);
        foreach (var path in (string[])["presences", "count"])
        {
            using var response = await _node.Http.GetAsync(HostNode.PathOf(topic, path));
            Assert.Equal(expected, response.StatusCode);
        }

        if (expected != HttpStatusCode.OK)
        {
            var problem = await Problem.OfAsync(await _node.Http.GetAsync(HostNode.PathOf(topic, "events")), expected);
            Assert.Equal(
                ("topic", "513 bytes", "1 to 512 bytes", "presence.limits.topic"),
                ((string)problem["limit"]!, (string)problem["value"]!, (string)problem["allowed"]!, (string)problem["option"]!));
        }
    }

    [Theory]
    [InlineData("OPTIONS", "*")]
    [InlineData("OPTIONS", "http://127.0.0.1")]
    [InlineData("CONNECT", "127.0.0.1:80")]
    public async Task A_target_without_a_path_is_no_fault_of_the_node(string method, string target) =>
        Assert.Matches("^HTTP/1.1 [24]", await SendAsync(method, target));

    [Theory]
    [InlineData("/Api/topics/")]
    [InlineData("/api/Topics/")]
    [InlineData("/API/TOPICS/")]
    public async Task The_case_of_the_path_changes_no_name(string prefix)
    {
        const string Name = "%41";
        var escaped = Uri.EscapeDataString(Name);

        Assert.StartsWith("HTTP/1.1 200", await SendAsync("PUT", $"{prefix}{escaped}/Presences/{escaped}"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await SendAsync("PUT", $"{prefix}-/Presences/-?topic={escaped}&key={escaped}"), StringComparison.Ordinal);
        Assert.Equal([Name], _node.Tracker.List(Name).Keys);
        Assert.Equal(0, _node.Tracker.Count("A").Metas);
        Assert.Equal([Name], Topics(await _node.GetAsync("/API/Keys/" + escaped)));
        Assert.StartsWith("HTTP/1.1 204", await SendAsync("DELETE", $"{prefix}{escaped}/Presences/{escaped}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/%61pi/topics/%2541/presences/k")]
    [InlineData("/x/../api/topics/%2541/presences/k")]
    public async Task A_path_that_only_becomes_ours_is_refused_rather_than_decoded_twice(string target)
    {
        Assert.StartsWith("HTTP/1.1 400", await SendAsync("PUT", target), StringComparison.Ordinal);

        Assert.Equal(0, _node.Tracker.Count("A").Metas);
        Assert.Equal(0, _node.Tracker.Count("%41").Metas);
    }

    private static IEnumerable<string> Topics(JsonObject listed) => listed["topics"]!.AsArray().Select(topic => (string)topic!);

    private Task<string> SendAsync(string method, string target) => RawHttp.SendAsync(_node.Url, method, target);
}
