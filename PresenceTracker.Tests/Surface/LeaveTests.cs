using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using Xunit;

namespace PresenceTracker.Tests.Surface;

public sealed class LeaveTests
{
    private const string Room = "room:1";

    private readonly Owner _owner = Owner.Connection("c1");

    [Fact]
    public async Task After_leaving_every_call_fails_at_once_and_reads_still_answer()
    {
        await using var node = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });
        var tracker = node.Tracker;
        await tracker.Ready.InTime();
        await tracker.TrackAsync(Room, "alice", _owner);
        var subscription = await tracker.SubscribeAsync(Room);
        var reading = subscription.NextAsync();

        await tracker.LeaveAsync().InTime();

        Assert.False(tracker.IsReady);
        Assert.Equal("it was asked to", await tracker.Stopped.InTime());
        await Assert.ThrowsAsync<TrackerStoppedException>(() => reading.InTime());
        await Fails(() => tracker.TrackAsync(Room, "bob", _owner));
        await Fails(() => tracker.TrackManyAsync([new TrackRequest(Room, "bob", _owner, Meta.Empty)]));
        await Fails(() => tracker.UpdateAsync(Room, "alice", _owner, new { n = 1 }));
        await Fails(() => tracker.UpdateAsync(Room, "alice", _owner, (Meta _) => Metas.From(new { n = 1 })));
        await Fails(() => tracker.UntrackAsync(Room, "alice", _owner));
        await Fails(() => tracker.UntrackAsync(_owner));
        await Fails(() => tracker.UntrackManyAsync([(Room, "alice", _owner)]));
        await Fails(() => tracker.SubscribeAsync(Room));
        tracker.ConnectionLost("c1");
        Assert.Equal(["alice"], tracker.List(Room).Keys);
        await tracker.LeaveAsync().InTime();

        static Task Fails(Func<Task> call) => Assert.ThrowsAsync<TrackerStoppedException>(() => call().InTime());
    }

    [Fact]
    public async Task Leaving_twice_at_once_is_leaving_once()
    {
        await using var node = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => node.Tracker.LeaveAsync()))).InTime();

        Assert.True(node.Tracker.Stopped.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Calls_under_way_while_the_node_leaves_all_end()
    {
        await using var node = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });
        var tracker = node.Tracker;
        await tracker.Ready.InTime();
        var calls = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                await tracker.TrackAsync(Room, $"{caller}/{i}", _owner);
                await using var subscription = await tracker.SubscribeAsync(Room);
            }
        })).ToList();
        await Expect.UntilAsync(() => tracker.Count(Room).Keys > 100, "a hundred tracks");

        await tracker.LeaveAsync().InTime();

        foreach (var call in calls)
        {
            await Assert.ThrowsAsync<TrackerStoppedException>(() => call.InTime());
        }
    }

    [Fact]
    public async Task The_actor_system_ends_with_the_node()
    {
        var node = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });

        await node.DisposeAsync().AsTask().InTime();

        Assert.True(node.System.WhenTerminated.IsCompleted);
        await node.DisposeAsync().AsTask().InTime();
    }
}
