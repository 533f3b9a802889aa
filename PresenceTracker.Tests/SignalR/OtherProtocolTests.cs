using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

public sealed class OtherProtocolTests
{
    private const string Refusal = "presence is told in JSON, and this connection speaks messagepack: build it with the JSON protocol of SignalR";

    [Theory]
    [InlineData("Join", "room:1", "ann", null)]
    [InlineData("Watch", "room:1")]
    [InlineData("List", "room:1")]
    public async Task A_client_of_MessagePack_is_refused_with_the_reason(string method, params object?[] arguments)
    {
        await using var app = await HubApp.StartAsync(add: services => services.AddSignalR().AddMessagePackProtocol());
        await using var client = new HubConnectionBuilder().WithUrl(app.Hub).AddMessagePackProtocol().Build();
        await client.StartAsync().InTime();

        var refused = await Assert.ThrowsAsync<HubException>(() => client.InvokeCoreAsync(method, arguments).InTime());

        Assert.EndsWith(Refusal, refused.Message, StringComparison.Ordinal);
        Assert.Empty(app.Tracker.List("room:1"));
    }
}
