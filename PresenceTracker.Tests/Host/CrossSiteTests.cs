using System.Net;
using System.Net.WebSockets;
using PresenceTracker.Host;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>What pages of other sites can do to a node by way of a browser that reaches it.</summary>
public sealed class CrossSiteTests
{
    private const string Line = """{"topic":"room:1","key":"alice"}""";

    [Fact]
    public async Task A_page_of_another_site_can_neither_write_nor_connect()
    {
        await using var node = await HostNode.StartAsync();
        foreach (var origin in (string[])["http://evil.example", "null", $"https://{node.Url.Authority}", $"http://{node.Url.Host}:1", "nonsense"])
        {
            await Problem.OfAsync(await SendAsync(node, "POST", "/api/presences", origin), HttpStatusCode.Forbidden);
            await Problem.OfAsync(await SendAsync(node, "POST", "/API/Presences", origin), HttpStatusCode.Forbidden);
            await Problem.OfAsync(await SendAsync(node, "PUT", "/api/topics/room:1/presences/alice", origin), HttpStatusCode.Forbidden);
            await Problem.OfAsync(await SendAsync(node, "DELETE", "/api/topics/room:1/presences/alice", origin), HttpStatusCode.Forbidden);
            await Problem.OfAsync(await SendAsync(node, "POST", "/hubs/presence/negotiate?negotiateVersion=1", origin), HttpStatusCode.Forbidden);
            await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(node, origin));
        }

        Assert.Empty(node.Tracker.List("room:1"));
    }

    [Fact]
    public async Task The_node_s_own_page_and_programs_without_a_page_can()
    {
        await using var node = await HostNode.StartAsync();
        foreach (var origin in (string?[])[null, $"http://{node.Url.Authority}"])
        {
            await SucceedsAsync(node, origin);
        }
    }

    [Fact]
    public async Task A_page_of_a_site_that_is_allowed_can_and_may_read_the_answer()
    {
        const string Allowed = "https://chat.example";
        await using var node = await HostNode.StartAsync("--allowed-origins", $"{Allowed}/, http://other.example:81");

        await SucceedsAsync(node, Allowed);
        await SucceedsAsync(node, "http://other.example:81");
        using var answer = await SendAsync(node, "POST", "/api/presences", Allowed);
        Assert.Equal([Allowed], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        await Problem.OfAsync(await SendAsync(node, "POST", "/api/presences", "http://chat.example"), HttpStatusCode.Forbidden);

        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/topics/room:1/presences/alice");
        preflight.Headers.Add("Origin", Allowed);
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");
        using var agreed = await node.Http.SendAsync(preflight);
        Assert.Equal([Allowed], agreed.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(["PUT"], agreed.Headers.GetValues("Access-Control-Allow-Methods"));
    }

    [Fact]
    public async Task A_foreign_name_that_leads_to_this_machine_is_refused()
    {
        await using var node = await HostNode.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, await StatusForHostAsync(node, "evil.example"));
        foreach (var name in (string[])["localhost", "127.0.0.1", "[::1]"])
        {
            Assert.Equal(HttpStatusCode.OK, await StatusForHostAsync(node, name));
        }
    }

    [Theory]
    [InlineData("localhost;127.0.0.1;[::1]", "http://127.0.0.1:1")]
    [InlineData("localhost;127.0.0.1;[::1];127.0.0.2", "http://localhost:1", "http://127.0.0.2:1")]
    [InlineData("localhost;127.0.0.1;[::1]", "http://[::1]:1", "http://unix:/run/presence.sock")]
    [InlineData(null, "http://127.0.0.1:1", "http://0.0.0.0:1")]
    [InlineData(null, "http://unix:/run/presence.sock")]
    public void Only_a_node_that_is_reached_from_its_machine_alone_knows_its_names(string? expected, params string[] urls) =>
        Assert.Equal(expected, LoopbackHosts.AllowedHosts(urls));

    private static async Task SucceedsAsync(HostNode node, string? origin)
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, "POST", "/api/presences", origin)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, "POST", "/hubs/presence/negotiate?negotiateVersion=1", origin)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(node, "DELETE", "/api/topics/room:1/presences/alice", origin)).StatusCode);
        using var socket = await ConnectAsync(node, origin);
        Assert.Equal(WebSocketState.Open, socket.State);
    }

    private static async Task<HttpResponseMessage> SendAsync(HostNode node, string method, string path, string? origin)
    {
        // As a page sends it without being asked whether it may: a string's content type is text/plain.
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
        {
            request.Content = new StringContent(Line);
        }

        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        return await node.Http.SendAsync(request);
    }

    private static async Task<ClientWebSocket> ConnectAsync(HostNode node, string? origin)
    {
        var socket = new ClientWebSocket();
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await socket.ConnectAsync(new UriBuilder(node.Url) { Scheme = "ws", Path = "/hubs/presence" }.Uri, CancellationToken.None).InTime();
        return socket;
    }

    private static async Task<HttpStatusCode> StatusForHostAsync(HostNode node, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/nodes");
        request.Headers.Host = $"{name}:{node.Url.Port}";
        using var response = await node.Http.SendAsync(request);
        return response.StatusCode;
    }
}
