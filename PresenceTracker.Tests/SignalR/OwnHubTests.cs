using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Errors;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

public sealed class OwnHubTests : IAsyncLifetime
{
    private const string Room = "room:1";

    private HubApp _app = null!;

    private Uri Hub => new(_app.Url, OwnHub.Path);

    public async Task InitializeAsync() =>
        _app = await HubApp.StartAsync("presence.leave-grace = 0 s", map: app => app.MapHub<OwnHub>(OwnHub.Path));

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Any_hub_can_join_update_list_and_leave_for_its_caller()
    {
        await using var alice = await HubClient.ConnectAsync(Hub);
        await using var bob = await HubClient.ConnectAsync(Hub);
        await alice.CallAsync("Enter", Room, "alice");
        Assert.Equal(["alice"], (await alice.NextAsync()).Keys);
        await bob.CallAsync("Enter", Room, "bob");
        Assert.Equal(["alice", "bob"], (await bob.NextAsync()).Keys);
        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Joins);

        var changed = (await bob.CallAsync("Change", Room, "away")).GetString()!;
        Assert.Equal([("bob", changed)], (await alice.NextDiffAsync()).JoinedRefs);
        var listed = (await alice.CallAsync("Who", Room)).GetProperty("bob").GetProperty("metas")[0];
        Assert.Equal($$"""{"status":"away","phx_ref":"{{changed}}"}""", listed.GetRawText());

        await bob.CallAsync("Exit", Room);
        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Leaves);
    }

    [Fact]
    public async Task To_map_a_hub_starts_no_node()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddPresenceTracker(options => options.NodePort = ((IPEndPoint)taken.LocalEndpoint).Port);
        builder.Services.AddSignalR().AddPresence();
        await using var app = builder.Build();

        app.MapPresenceHub();

        await Assert.ThrowsAsync<NodeStartException>(() => app.StartAsync());
    }

    [Fact]
    public async Task A_connection_that_ends_leaves_without_a_word_from_its_hub()
    {
        await using var alice = await HubClient.ConnectAsync(_app);
        await alice.JoinedAsync(Room, "alice");
        var bob = await HubClient.ConnectAsync(Hub);
        await bob.CallAsync("Enter", Room, "bob");
        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Joins);

        await bob.DisposeAsync();

        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Leaves);
    }

    [Fact]
    public async Task What_is_refused_is_told_to_the_caller()
    {
        await using var alice = await HubClient.ConnectAsync(Hub);

        var refused = await Assert.ThrowsAsync<HubException>(() => alice.CallAsync("Enter", Room, new string('k', 300)));
        Assert.Contains("key: 300 bytes is not allowed", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<HubException>(() => alice.CallAsync("Change", Room, "away"));
        Assert.Contains("has not joined room:1", refused.Message, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, (await alice.CallAsync("Who", Room)).ValueKind);
    }
}
