using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PresenceTracker.Configuration;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;
using Xunit;

namespace PresenceTracker.Tests.Surface;

public sealed class HostingTests
{
    private const string Room = "room:1";

    [Fact]
    public async Task A_node_starts_with_its_host_and_leaves_before_anything_else_stops()
    {
        await using var observer = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });
        await using var subscription = await observer.Tracker.SubscribeAsync(Room);
        var drain = new Drain(subscription);
        using var host = BuildHost(
            options => options.Seeds.Add(observer.Tracker.Self.Address), services => services.AddHostedService(_ => drain));

        await host.StartAsync();
        var tracker = host.Services.GetRequiredService<Tracker>();
        Assert.Same(tracker, host.Services.GetRequiredService<PresenceNode>().Tracker);
        await tracker.Ready.InTime();
        await tracker.TrackAsync(Room, "alice", Owner.Lease(TimeSpan.FromMinutes(1)));
        Assert.Equal(PresenceEventKind.Joined, (await subscription.NextEventAsync()).Kind);
        await host.StopAsync().InTime();

        Assert.Equal(LeaveReason.NodeLeft, drain.SeenBefore);
        Assert.True(tracker.Stopped.IsCompletedSuccessfully);
        Assert.Single(observer.Tracker.Nodes);
    }

    [Fact]
    public async Task A_host_whose_node_cannot_start_does_not_start()
    {
        using var host = BuildHost(options => options.Seeds.Add("nowhere"), _ => { });

        var refused = await Assert.ThrowsAsync<PresenceConfigurationException>(() => host.StartAsync());

        Assert.Equal("presence.seeds", Assert.Single(refused.Faults).Key);
    }

    [Fact]
    public async Task A_container_that_is_disposed_stops_its_node()
    {
        var provider = new ServiceCollection().AddPresenceTracker(options => options.NodePort = 0).BuildServiceProvider();
        var tracker = provider.GetRequiredService<Tracker>();
        await tracker.Ready.InTime();

        await provider.DisposeAsync().AsTask().InTime();

        Assert.True(tracker.Stopped.IsCompletedSuccessfully);
    }

    private static IHost BuildHost(Action<PresenceTrackerOptions> configure, Action<IServiceCollection> more)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddPresenceTracker(options =>
        {
            options.NodePort = 0;
            configure(options);
        });
        more(builder.Services);
        return builder.Build();
    }

    /// <summary>Stands for a server that drains its connections: as it was started last, it is stopped first.</summary>
    private sealed class Drain(Subscription subscription) : IHostedService
    {
        public LeaveReason? SeenBefore { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken) => SeenBefore = (await subscription.NextEventAsync()).Reason;
    }
}
