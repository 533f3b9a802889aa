using Akka.Event;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PresenceTracker.Configuration;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

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
    public async Task The_log_of_the_host_says_when_the_node_starts_is_ready_and_leaves()
    {
        await using var seed = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, ClusterName = "blue" });
        var log = new RecordingLoggerProvider();
        using var host = BuildHost(
            options =>
            {
                options.ClusterName = "blue";
                options.Seeds.Add(seed.Tracker.Self.Address);
            },
            services => services.AddSingleton<ILoggerProvider>(log));

        await host.StartAsync();
        var tracker = host.Services.GetRequiredService<Tracker>();
        await tracker.Ready.InTime();
        var address = tracker.Self.Address;
        Assert.Equal(
            (LogLevel.Information,
                $"The presence tracker starts at {address} in the cluster blue, with the seeds [{seed.Tracker.Self.Address}]"),
            await log.NextAsync());
        Assert.Equal((LogLevel.Information, $"The presence tracker at {address} is ready, with 1 other nodes"), await log.NextAsync());
        await host.StopAsync().InTime();

        Assert.Equal((LogLevel.Information, $"The presence tracker at {address} has left its cluster"), await log.NextAsync());
    }

    [Fact]
    public async Task The_log_of_the_host_says_as_an_error_why_the_node_has_stopped()
    {
        await using var seed = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });
        var log = new RecordingLoggerProvider();
        using var host = BuildHost(
            options =>
            {
                options.ClusterName = "blue";
                options.Seeds.Add(seed.Tracker.Self.Address);
            },
            services => services.AddSingleton<ILoggerProvider>(log));

        await host.StartAsync();

        Assert.Equal(LogLevel.Information, (await log.NextAsync()).Level);
        var reason = await host.Services.GetRequiredService<Tracker>().Stopped.InTime();
        Assert.Contains("cluster name is presence there and blue here (option: presence.cluster-name)", reason, StringComparison.Ordinal);
        var (level, text) = await log.NextAsync();
        Assert.Equal(LogLevel.Error, level);
        Assert.EndsWith($" has stopped: {reason}", text, StringComparison.Ordinal);
        await host.StopAsync().InTime();
    }

    [Fact]
    public async Task What_the_actors_log_is_in_the_log_of_the_host()
    {
        var log = new RecordingLoggerProvider("PresenceTracker.Actors");
        using var host = BuildHost(_ => { }, services => services.AddSingleton<ILoggerProvider>(log));

        await host.StartAsync();

        var (level, text) = await log.NextAsync();
        Assert.Equal(LogLevel.Information, level);
        Assert.Contains("joined and synced", text, StringComparison.Ordinal);
        await host.StopAsync().InTime();
    }

    // A host that filters by category, as the Host does of a start that fails, would miss what comes under another name.
    [Fact]
    public async Task What_remoting_says_is_in_the_log_of_the_host_as_of_Akka_Remote_also_where_it_names_itself_by_a_text()
    {
        var log = new RecordingLoggerProvider("Akka.Remote");
        using var host = BuildHost(_ => { }, services => services.AddSingleton<ILoggerProvider>(log));
        await host.StartAsync();

        Logging.GetLogger(host.Services.GetRequiredService<PresenceNode>().System, "remoting").Error("terminated abruptly");

        await Eventually.HoldsAsync("said", Expect.Patience, async () =>
            await log.NextAsync() is (LogLevel.Error, var text) && text.EndsWith("terminated abruptly", StringComparison.Ordinal) ? null : "something else");
        await host.StopAsync().InTime();
    }

    [Fact]
    public async Task Nothing_is_written_to_the_console_past_the_log_of_the_host_when_the_actors_loggers_have_stopped()
    {
        using var host = BuildHost(_ => { }, _ => { });
        await host.StartAsync();

        Assert.IsNotType<Akka.Event.StandardOutLogger>(host.Services.GetRequiredService<PresenceNode>().System.Settings.StdoutLogger);
        await host.StopAsync().InTime();
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
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
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
