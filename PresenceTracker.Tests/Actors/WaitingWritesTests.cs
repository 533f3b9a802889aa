using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Actors;

public sealed class WaitingWritesTests : VirtualTimeTest
{
    private readonly Owner _owner = Owner.Connection("c1");

    [Fact]
    public async Task As_much_as_may_wait_for_a_shard_that_starts_anew_waits_and_more_is_refused_by_a_typed_exception()
    {
        var waitingMax = new ReplicationOptions().WaitingOperationsMax;
        await Tracker.TrackAsync(Room, "alice", Owner.Connection("c2"), leaveGrace: TimeSpan.Zero);
        var shard = await ActorAsync("shard-0");
        var ownerWatch = (IInternalActorRef)await ActorAsync("owner-watch");
        await SettleAsync();

        ownerWatch.Suspend();
        shard.Tell(Crash.Delivery);
        var waiting = Tracker.TrackManyAsync(
            [.. Enumerable.Range(0, waitingMax).Select(i => new TrackRequest(Room, $"user {i}", _owner, Meta.Empty))]);
        var refused = await Assert.ThrowsAsync<LimitExceededException>(() => Tracker.TrackAsync(Room, "bob", _owner).InTime());
        Tracker.ConnectionLost("c2");
        ownerWatch.Resume();

        Assert.Equal(
            ("waiting-writes", $"at most {waitingMax} that wait for a shard that starts anew", true),
            (refused.Limit, refused.Allowed, refused.IsTemporary));
        Assert.All(await waiting.InTime(), result => Assert.Equal(TrackStatus.Tracked, result.Status));
        Assert.Equal(TrackStatus.Tracked, (await Tracker.TrackAsync(Room, "bob", _owner).InTime()).Status);
        await SettleAsync();
        Assert.Equal(new TopicCount(waitingMax + 1, waitingMax + 1), Tracker.Count(Room));
        Assert.False(Tracker.List(Room).Keys.Contains("alice"), "what lost its connection is listed");
    }
}
