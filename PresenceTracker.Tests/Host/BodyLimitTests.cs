using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using PresenceTracker.Tests.SignalR;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>Limits of bodies in an application whose server has none, or whose middleware has begun to read.</summary>
public sealed class BodyLimitTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task They_hold_where_the_server_has_none(bool isReadOnly)
    {
        await using var app = await HubApp.StartAsync(map: app => app.Use((context, next) =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            context.Features.Set<IHttpMaxRequestBodySizeFeature>(isReadOnly ? new ReadOnlyLimit() : null);
            return next(context);
        }));
        using var http = new HttpClient { BaseAddress = app.Url };
        using var small = await http.PutAsync(HostNode.PathOf("room:1", "alice", ""), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);

        foreach (var isChunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, HostNode.PathOf("room:1", "alice", "")) { Content = new ByteArrayContent(new byte[5_000]) };
            request.Headers.TransferEncodingChunked = isChunked;
            await Problem.OfAsync(await http.SendAsync(request), HttpStatusCode.RequestEntityTooLarge);
        }

        using var lines = new HttpRequestMessage(HttpMethod.Post, "/api/presences")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string(' ', 8_191) + '\n', 8_192)) + '\n')),
        };
        lines.Headers.TransferEncodingChunked = true;
        var problem = await Problem.OfAsync(await http.SendAsync(lines), HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal("body", (string)problem["limit"]!);
    }

    private sealed class ReadOnlyLimit : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => true;

        public long? MaxRequestBodySize
        {
            get => null;
            set => throw new InvalidOperationException("the limit cannot be changed any more");
        }
    }
}
