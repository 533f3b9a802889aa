using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PresenceTracker.Handlers;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Handlers;

public sealed class PresenceHandlerTests : IAsyncLifetime
{
    private const int QueueDiffs = 8;
    private const string Room = "room:1";

    private readonly Owner _owner = Owner.Connection("c1");
    private IHost _a = null!;
    private IHost _b = null!;

    private Tracker A => _a.Services.GetRequiredService<Tracker>();

    private Tracker B => _b.Services.GetRequiredService<Tracker>();

    private EveryNodeHandler AllAtA => _a.Services.GetServices<IPresenceHandler>().OfType<EveryNodeHandler>().Single();

    private OwnNodeHandler OwnAtA => _a.Services.GetServices<IPresenceHandler>().OfType<OwnNodeHandler>().Single();

    public async Task InitializeAsync()
    {
        _a = await StartAsync();
        _b = await StartAsync(A.Self.Address);
    }

    public async Task DisposeAsync()
    {
        foreach (var host in new[] { _b, _a })
        {
            await host.StopAsync().InTime();
            host.Dispose();
        }
    }

    [Fact]
    public async Task A_handler_on_every_node_is_told_what_happens_to_whom_where_and_why()
    {
        await B.TrackAsync(Room, "bob", _owner, new { n = 1 });
        Assert.Equal(PresenceEventKind.Joined, (await NextAsync(AllAtA)).Kind);
        await B.UpdateAsync(Room, "bob", _owner, new { n = 2 });
        var updated = await NextAsync(AllAtA);
        Assert.Equal(
            (PresenceEventKind.Updated, """{"n":1}""", """{"n":2}"""),
            (updated.Kind, updated.Previous!.Meta.ToString(), updated.Presence.Meta.ToString()));
        await B.UntrackAsync(Room, "bob", _owner);
        var left = await NextAsync(AllAtA);
        Assert.Equal((PresenceEventKind.Left, LeaveReason.Untracked, B.Self), (left.Kind, left.Reason, left.Presence.Node));
    }

    [Fact]
    public async Task A_handler_tells_the_first_and_the_last_device_of_a_key_from_the_others_whichever_node_they_are_on()
    {
        var other = Owner.Connection("c2");
        await A.TrackAsync(Room, "ann", _owner);
        Assert.Equal((PresenceEventKind.Joined, KeyChange.Came), await NextWithKeyAsync(AllAtA));
        await B.TrackAsync(Room, "ann", other);
        Assert.Equal((PresenceEventKind.Joined, KeyChange.None), await NextWithKeyAsync(AllAtA));
        await A.UpdateAsync(Room, "ann", _owner, new { n = 1 });
        Assert.Equal((PresenceEventKind.Updated, KeyChange.None), await NextWithKeyAsync(AllAtA));
        await A.UntrackAsync(Room, "ann", _owner);
        Assert.Equal((PresenceEventKind.Left, KeyChange.None), await NextWithKeyAsync(AllAtA));
        await B.UntrackAsync(Room, "ann", other);
        Assert.Equal((PresenceEventKind.Left, KeyChange.Went), await NextWithKeyAsync(AllAtA));
    }

    [Fact]
    public async Task Of_many_changes_at_once_one_join_and_one_leave_are_those_of_the_key()
    {
        var owners = Enumerable.Range(0, 5).Select(n => Owner.Connection($"c{n}")).ToList();
        await A.TrackManyAsync([.. owners.Select(owner => new TrackRequest(Room, "ann", owner, Meta.Empty))]);
        var joins = new List<KeyChange>();
        var leaves = new List<KeyChange>();
        foreach (var _ in owners)
        {
            joins.Add((await NextWithKeyAsync(AllAtA)).Key);
        }

        await Task.WhenAll(owners.Select(owner => A.UntrackAsync(Room, "ann", owner)));
        foreach (var _ in owners)
        {
            leaves.Add((await NextWithKeyAsync(AllAtA)).Key);
        }

        Assert.Equal([KeyChange.Came, .. Enumerable.Repeat(KeyChange.None, owners.Count - 1)], joins);
        Assert.Equal([.. Enumerable.Repeat(KeyChange.None, owners.Count - 1), KeyChange.Went], leaves);
    }

    [Fact]
    public async Task A_handler_of_its_own_node_is_told_of_that_alone()
    {
        await B.TrackAsync(Room, "bob", _owner);
        Assert.Equal("bob", (await NextAsync(AllAtA)).Presence.Key);
        await A.TrackAsync(Room, "alice", _owner);

        Assert.Equal("alice", (await NextAsync(OwnAtA)).Presence.Key);
    }

    [Fact]
    public async Task One_that_throws_is_told_of_the_next()
    {
        await A.TrackAsync(Room, "mallory", _owner);
        await A.TrackAsync(Room, "alice", _owner);

        Assert.Equal("alice", (await NextAsync(AllAtA)).Presence.Key);
        Assert.Equal("alice", (await NextAsync(OwnAtA)).Presence.Key);
    }

    [Fact]
    public async Task One_that_is_slow_delays_nobody_and_is_led_to_the_present_state()
    {
        var gate = new TaskCompletionSource();
        AllAtA.Gate = gate.Task;
        for (var i = 0; i < 10 * QueueDiffs; i++)
        {
            await A.TrackAsync(Room, $"user {i}", _owner);
            Assert.Equal($"user {i}", (await NextAsync(OwnAtA)).Presence.Key);
            await A.UntrackAsync(Room, $"user {i}", _owner);
            Assert.Equal($"user {i}", (await NextAsync(OwnAtA)).Presence.Key);
        }

        await A.TrackAsync(Room, "last", _owner);
        gate.SetResult();

        var present = new HashSet<string>();
        var told = 0;
        while (!present.Contains("last"))
        {
            var change = await NextAsync(AllAtA);
            Assert.True(change.Kind == PresenceEventKind.Joined ? present.Add(change.Presence.Key) : present.Remove(change.Presence.Key));
            told++;
        }

        Assert.Equal(["last"], present);
        Assert.InRange(told, 1, 5 * QueueDiffs);
    }

    private static async Task<IHost> StartAsync(params string[] seeds)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddPresenceTracker(options =>
        {
            options.NodePort = 0;
            options.Hocon = $"presence.shards = 2, presence.subscriber-queue = {QueueDiffs}";
            foreach (var seed in seeds)
            {
                options.Seeds.Add(seed);
            }
        });
        builder.Services.AddPresenceHandler<EveryNodeHandler>().AddPresenceHandler<OwnNodeHandler>();
        var host = builder.Build();
        await host.StartAsync().InTime();
        await host.Services.GetRequiredService<Tracker>().Ready.InTime();
        return host;
    }

    private static async Task<(PresenceEventKind Kind, KeyChange Key)> NextWithKeyAsync(RecordingHandler handler) =>
        ((await NextAsync(handler)).Kind, await handler.Keys.ReadAsync().AsTask().InTime());

    private static Task<PresenceEvent> NextAsync(RecordingHandler handler) => handler.Changes.ReadAsync().AsTask().InTime();
}
