using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.SignalR.Client;
using PresenceTracker.Host;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>Who may write.</summary>
public sealed class AccessTests
{
    private const string Path = "/api/topics/room:1/presences/alice";

    [Fact]
    public async Task With_a_key_writes_need_it_and_reads_do_not()
    {
        await using var node = await HostNode.StartAsync("--api-key", "secret");

        foreach (var header in (string?[])[null, "Bearer", "Bearer ", "Bearer wrong", "Bearer secret2", "Basic secret", "secret"])
        {
            using var refused = await SendAsync(node, HttpMethod.Put, header);
            await Problem.OfAsync(refused, HttpStatusCode.Unauthorized);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
            await Problem.OfAsync(await SendAsync(node, HttpMethod.Delete, header), HttpStatusCode.Unauthorized);
            await Problem.OfAsync(await SendAsync(node, HttpMethod.Post, header, "/api/presences"), HttpStatusCode.Unauthorized);
        }

        Assert.Empty(await node.GetAsync("/api/topics/room:1/presences"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, HttpMethod.Put, "Bearer secret")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, HttpMethod.Post, "bearer secret", "/api/presences")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(node, HttpMethod.Delete, "Bearer secret")).StatusCode);
    }

    [Fact]
    public async Task With_a_key_the_hub_needs_it_too()
    {
        await using var node = await HostNode.StartAsync("--api-key", "secret");
        const string Negotiate = "/hubs/presence/negotiate?negotiateVersion=1";

        foreach (var header in (string?[])[null, "Bearer wrong", "secret"])
        {
            using var refused = await SendAsync(node, HttpMethod.Post, header, Negotiate);
            await Problem.OfAsync(refused, HttpStatusCode.Unauthorized);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        }

        await Problem.OfAsync(await SendAsync(node, HttpMethod.Post, null, Negotiate + "&access_token=wrong"), HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(node, HttpMethod.Post, "Bearer secret", Negotiate)).StatusCode);

        // Without a negotiation before it.
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(node, "?access_token=wrong"));
        using var socket = await ConnectAsync(node, "?access_token=secret");
        Assert.Equal(WebSocketState.Open, socket.State);

        await using var hub = new HubConnectionBuilder()
            .WithUrl(new Uri(node.Url, "/hubs/presence"), options => options.AccessTokenProvider = () => Task.FromResult<string?>("secret")).Build();
        await hub.StartAsync().InTime();
        await hub.InvokeAsync<string>("Join", "room:1", "alice", null).InTime();
        Assert.Equal(["alice"], node.Tracker.List("room:1").Keys);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://10.0.0.1:0")]
    [InlineData("http://example.org:0")]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0")]
    public void Beyond_this_machine_a_node_needs_a_key_or_to_be_told_that_it_needs_none(string urls)
    {
        var refused = Assert.Throws<HostStartException>(() => HostApplication.Build(["--urls", urls]));

        Assert.Contains("--api-key KEY", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--insecure", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(HostApplication.Build(["--urls", urls, "--api-key", "secret"]));
        Assert.NotNull(HostApplication.Build(["--urls", urls, "--insecure"]));
    }

    [Theory]
    [InlineData("http://localhost:0")]
    [InlineData("http://127.0.0.2:0")]
    [InlineData("http://[::1]:0")]
    public void On_this_machine_it_needs_none(string urls) => Assert.NotNull(HostApplication.Build(["--urls", urls]));

    private static async Task<ClientWebSocket> ConnectAsync(HostNode node, string query)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(node.Url) { Scheme = "ws", Path = "/hubs/presence", Query = query }.Uri, CancellationToken.None).InTime();
        return socket;
    }

    private static async Task<HttpResponseMessage> SendAsync(HostNode node, HttpMethod method, string? header, string path = Path)
    {
        using var request = new HttpRequestMessage(method, path);
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", header);
        }

        return await node.Http.SendAsync(request);
    }
}
