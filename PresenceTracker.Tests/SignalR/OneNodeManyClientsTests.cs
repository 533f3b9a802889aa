using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Diagnostics;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>What a change costs a node, and through whom it goes.</summary>
public sealed class OneNodeManyClientsTests
{
    private const string Room = "room:1";

    [Fact]
    public async Task A_diff_is_encoded_once_for_all_connections_of_a_node()
    {
        const int Clients = 20;
        const int Changes = 10;
        var protocol = new CountingProtocol();
        await using var app = await HubApp.StartAsync(add: services => services.AddSingleton<IHubProtocol>(protocol));
        using var probe = new MeterProbe(app.Tracker.Self.Address);
        var clients = new List<HubClient>();
        for (var n = 0; n < Clients; n++)
        {
            clients.Add(await HubClient.ConnectAsync(app));
            await clients[n].JoinAsync(Room, $"user {n}");
            await FoldUntilAsync(clients[n], $"user {n}");
        }

        foreach (var client in clients.SkipLast(1))
        {
            await FoldUntilAsync(client, $"user {Clients - 1}");
        }

        protocol.Encoded.Clear();
        var (diffs, encoded, sent) = Counted();
        for (var n = 0; n < Changes; n++)
        {
            await app.Tracker.TrackAsync(Room, $"bob {n}", Owner.Lease(TimeSpan.FromHours(1)));
            foreach (var client in clients)
            {
                Assert.Equal([$"bob {n}"], (await client.NextDiffAsync()).Joins);
            }
        }

        Assert.Equal(Changes, protocol.Encoded[HubMessage.Diff]);
        Assert.Equal((diffs + Changes, encoded + Changes), (Counted().Diffs, Counted().Encoded));

        // A client may have it before the node has counted it.
        await Expect.UntilAsync(() => Counted().Sent == sent + (Clients * Changes), "all are counted", () => $"{Counted()} after {sent}");
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        (double Diffs, double Encoded, double Sent) Counted() => (
            probe.Read("presence.feeds.diffs"), probe.Read("presence.feeds.encoded", "kind=Diff"), probe.Read("presence.feeds.sent", "kind=Diff"));
    }

    [Fact]
    public async Task The_manager_of_a_backplane_that_is_added_later_serves_the_hub_and_carries_no_presence()
    {
        await using var app = await HubApp.StartAsync(
            add: services => services.AddSingleton(typeof(HubLifetimeManager<>), typeof(CountingManager<>)),
            map: app => app.MapHub<OwnHub>(OwnHub.Path));
        var manager = Assert.IsType<CountingManager<OwnHub>>(app.Services.GetRequiredService<HubLifetimeManager<OwnHub>>());
        await using var alice = await HubClient.ConnectAsync(new Uri(app.Url, OwnHub.Path));
        await alice.CallAsync("Enter", Room, "alice");
        Assert.Equal(["alice"], (await alice.NextAsync()).Keys);

        await app.Tracker.TrackAsync(Room, "bob", Owner.Lease(TimeSpan.FromHours(1)));
        Assert.Equal(["bob"], (await alice.NextDiffAsync()).Joins);
        await alice.CallAsync("Say", "hello");

        Assert.Equal(1, manager.Connections);
        Assert.Equal(["said"], manager.Sent);
    }

    private static async Task FoldUntilAsync(HubClient client, string key)
    {
        HubMessage message;
        do
        {
            message = await client.NextAsync();
        }
        while (message.Name == HubMessage.State ? !message.Keys.Contains(key) : !message.Joins.Contains(key));
    }
}
