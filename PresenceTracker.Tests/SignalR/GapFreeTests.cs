using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Two nodes with hub clients: nothing is told twice and nothing is missing, without a backplane and with one.</summary>
[Collection(ProcessCollection.Name)]
public sealed class GapFreeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(LongTests.AreOn ? 10 : 2);

    [Fact]
    public async Task In_a_room_that_many_join_and_leave_as_fast_as_they_can_every_client_folds_to_the_list()
    {
        await using var first = await HubApp.StartAsync(configure: Unlimited);
        await using var second = await HubApp.StartAsync(first: first, configure: Unlimited);

        Figures.Print(output, await RoomChurn.RunAsync(first, second, Time));
    }

    [RedisFact]
    public async Task With_redis_as_backplane_no_event_is_told_twice_and_none_is_missing()
    {
        var port = FreePorts.Take();
        await using var redis = await RedisServer.StartAsync(port);
        await using var first = await StartAsync(first: null);
        await using var second = await StartAsync(first);
        await using (var speaker = await HubClient.ConnectAsync(new Uri(first.Url, OwnHub.Path)))
        await using (var listener = await HubClient.ConnectAsync(new Uri(second.Url, OwnHub.Path)))
        {
            // The backplane does carry what the application sends.
            await speaker.CallAsync("Say", "hello");
            Assert.Equal("hello", (await listener.NextAsync()).Topic);
        }

        Figures.Print(output, $"with Redis: {await RoomChurn.RunAsync(first, second, Time)}");

        Task<HubApp> StartAsync(HubApp? first) => HubApp.StartAsync(
            first: first, configure: Unlimited, map: app => app.MapHub<OwnHub>(OwnHub.Path),
            add: services => services.AddSignalR().AddStackExchangeRedis($"127.0.0.1:{port}"));
    }

    private static void Unlimited(PresenceHubOptions options) => (options.CallsBurst, options.CallsPerSecond) = (int.MaxValue, int.MaxValue);
}
