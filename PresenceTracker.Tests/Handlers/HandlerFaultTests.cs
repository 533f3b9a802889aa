using Akka.Actor;
using Microsoft.Extensions.Logging;
using PresenceTracker.Handlers;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Tests.Actors;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Handlers;

/// <summary>A handler on a node of two shards, and what the log says of it.</summary>
public sealed class HandlerFaultTests : VirtualTimeTest
{
    private const int ShardCount = 2;

    private readonly Owner _owner = Owner.Connection("c1");
    private readonly EveryNodeHandler _handler = new();
    private readonly RecordingLoggerProvider _log = new("PresenceTracker.Handlers");
    private readonly ILoggerFactory _loggers;
    private readonly PresenceHandlerService _service;

    public HandlerFaultTests()
        : base($"presence.shards = {ShardCount}")
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _service = new PresenceHandlerService(Tracker, [_handler], _loggers.CreateLogger<PresenceHandlerService>());
    }

    [Fact]
    public async Task A_shard_that_crashes_before_the_handler_is_told_of_it_is_asked_again()
    {
        var shard = await ActorAsync($"shard-{StableHash.ShardOf(Room, ShardCount)}");
        var ownerWatch = (IInternalActorRef)await ActorAsync("owner-watch");

        // The shard cannot come back before the owner watch goes on, so the subscription waits in the epoch that crashes next.
        ownerWatch.Suspend();
        shard.Tell(Crash.Delivery);
        await _service.StartAsync(CancellationToken.None);
        shard.Tell(Crash.Delivery);
        ownerWatch.Resume();

        // What happens before the subscription has begun is not told.
        var told = _handler.Changes.ReadAsync().AsTask();
        using var patience = new CancellationTokenSource(Expect.Patience);
        for (var n = 0; !told.IsCompleted; n++)
        {
            Assert.False(patience.IsCancellationRequested, $"the handler was told nothing of {n} changes");
            await Tracker.TrackOrUpdateAsync(Room, "alice", _owner, new { n }).InTime();
        }

        Assert.Equal("alice", (await told).Presence.Key);
    }

    [Fact]
    public async Task A_shard_that_stays_down_is_reported_at_once_and_the_handler_is_told_of_the_others()
    {
        var down = StableHash.ShardOf(Room, ShardCount);
        var topic = Enumerable.Range(0, 100).Select(i => $"topic {i}").First(topic => StableHash.ShardOf(topic, ShardCount) != down);
        var shard = await ActorAsync($"shard-{down}");
        await _service.StartAsync(CancellationToken.None);
        await SettleAsync();

        shard.Tell(Crash.Delivery);
        await SettleAsync();
        shard.Tell(Crash.Delivery);
        await SettleAsync();
        shard.Tell(Crash.Delivery);

        Assert.Equal(
            (LogLevel.Warning, $"EveryNodeHandler is told nothing more of shard {down}: shard {down} is not available: it is down after repeated crashes"),
            await _log.NextAsync());
        await Tracker.TrackAsync(topic, "bob", _owner).InTime();
        Assert.Equal("bob", (await _handler.Changes.ReadAsync().AsTask().InTime()).Presence.Key);
    }

    [Fact]
    public async Task A_node_that_leaves_is_no_reason_to_warn()
    {
        var supervisor = await (await StartedAsync()).ResolveOne(Expect.Patience);
        var isTerminated = supervisor.WatchAsync();

        supervisor.Tell(new MembershipInput.LeaveRequested());
        Assert.True(await isTerminated.InTime());
        await _service.StopAsync(CancellationToken.None).InTime();

        _loggers.CreateLogger<PresenceHandlerService>().LogInformation("the end");
        Assert.Equal((LogLevel.Information, "the end"), await _log.NextAsync());
    }

    [Fact]
    public async Task A_node_that_fails_is_reported_once()
    {
        await StartedAsync();

        (await ActorAsync("monitor")).Tell(new MembershipInput.Started());

        var (level, text) = await _log.NextAsync();
        Assert.Equal(LogLevel.Warning, level);
        Assert.StartsWith("EveryNodeHandler is told nothing more: the presence tracker has stopped: monitor crashed", text, StringComparison.Ordinal);
        await _service.StopAsync(CancellationToken.None).InTime();
        _loggers.CreateLogger<PresenceHandlerService>().LogInformation("the end");
        Assert.Equal((LogLevel.Information, "the end"), await _log.NextAsync());
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _loggers.Dispose();
    }

    private async Task<ActorSelection> StartedAsync()
    {
        await Tracker.Ready.InTime();
        await _service.StartAsync(CancellationToken.None);
        await SettleAsync();
        return Node;
    }
}
