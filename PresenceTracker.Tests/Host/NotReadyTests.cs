using System.Net;
using Akka.Actor;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>What a node answers while it has not caught up with its seed, which is silent until then.</summary>
public sealed class NotReadyTests : IAsyncLifetime
{
    private const string Room = "room:1";

    private HostNode _seed = null!;
    private HostNode _joiner = null!;
    private IInternalActorRef _supervisor = null!;

    public async Task InitializeAsync()
    {
        _seed = await HostNode.StartAsync();
        await _seed.PutAsync(Room, "alice");
        _supervisor = (IInternalActorRef)await _seed.Node.System.ActorSelection("/user/presence").ResolveOne(Expect.Patience);
        _supervisor.Suspend();
        _joiner = await HostNode.StartUnreadyAsync("--seeds", _seed.Tracker.Self.Address);
    }

    public async Task DisposeAsync()
    {
        await _joiner.DisposeAsync();
        await _seed.DisposeAsync();
    }

    [Fact]
    public async Task Reads_are_refused_and_event_streams_wait_until_it_is_ready()
    {
        foreach (var path in (string[])[HostNode.PathOf(Room, "presences"), HostNode.PathOf(Room, "count"), "/api/keys/alice"])
        {
            using var refused = await _joiner.Http.GetAsync(path);
            await Problem.OfAsync(refused, HttpStatusCode.ServiceUnavailable);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        }

        await using var events = await _joiner.WatchAsync(Room);
        var state = events.NextAsync("presence_state");
        Assert.False(state.IsCompleted, "the state came before the node was ready");

        _supervisor.Resume(null);

        Assert.Contains("alice", await state);
        Assert.Contains("alice", await _joiner.GetAsync(HostNode.PathOf(Room, "presences")));
    }
}
