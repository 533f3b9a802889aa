using System.Net;
using Akka.Actor;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Diagnostics;
using PresenceTracker.Tests.Surface;
using Replay;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>What callers of one node are told while the node that holds their leases is up, but does not answer.</summary>
public sealed class SilentHolderTests : IAsyncLifetime
{
    private const string Room = "room:1";
    private const int OutstandingMax = 1_024;

    private HostNode _holder = null!;
    private HostNode _asked = null!;
    private IInternalActorRef _leases = null!;

    public async Task InitializeAsync()
    {
        _holder = await HostNode.StartAsync();
        _asked = await HostNode.StartAsync("--seeds", _holder.Tracker.Self.Address);
        await _holder.PutAsync(Room, "alice");
        await Expect.UntilAsync(() => _asked.Tracker.List(Room).Contains("alice"), "alice is seen on the other node");
        _leases = (IInternalActorRef)await _holder.Node.System.ActorSelection("/user/presence/leases").ResolveOne(Expect.Patience);
        _leases.Suspend();
    }

    public async Task DisposeAsync()
    {
        await _asked.DisposeAsync();
        await _holder.DisposeAsync();
    }

    [Fact]
    public async Task An_end_that_is_not_answered_is_no_success()
    {
        var problem = await Problem.OfAsync(
            await _asked.Http.DeleteAsync(HostNode.PathOf(Room, "alice", "")), HttpStatusCode.ServiceUnavailable);

        Assert.Contains("did not answer within 1 s", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(["alice"], _asked.Tracker.List(Room).Keys);

        // The late answer may come first; then there is nothing left to end.
        _leases.Resume();
        using var again = await _asked.Http.DeleteAsync(HostNode.PathOf(Room, "alice", ""));
        Assert.Contains(again.StatusCode, (HttpStatusCode[])[HttpStatusCode.NoContent, HttpStatusCode.NotFound]);
        await Expect.UntilAsync(() => !_asked.Tracker.List(Room).Contains("alice"), "alice has gone");
    }

    /// <summary>A node that says so is not taken for dead by the replay, which repeats itself.</summary>
    [Fact]
    public async Task An_end_that_is_not_answered_is_repeated_by_the_replay()
    {
        _leases.Resume();
        await _holder.PutAsync(Room, "alice", query: "?lease=1h&owner=replay");
        await Expect.UntilAsync(() => _asked.Tracker.List(Room).MetaCount == 2, "the replay's presence is listed beside the other");
        _leases.Suspend();
        using var probe = new MeterProbe(_asked.Tracker.Self.Address);
        using var asked = new Node(_asked.Url, apiKey: null);

        var ended = asked.UntrackAsync(new RoomUser(Room, "alice"));
        await Expect.UntilAsync(() => probe.Read("presence.leases.forwarded") > 0, "an end is not answered");
        _leases.Resume();

        await ended.InTime();
        Assert.False(asked.IsLost, "a node that answers is taken for lost");
        await Expect.UntilAsync(() => _asked.Tracker.List(Room).MetaCount == 1, "the replay's presence has gone");
    }

    [Fact]
    public async Task Too_many_calls_at_a_time_are_no_fault_of_the_caller()
    {
        var owner = Owner.Lease(TimeSpan.FromHours(1), "http");
        using var patience = new CancellationTokenSource(Expect.Patience);
        while (true)
        {
            // They wait for a second, in which the request must arrive; on a busy machine it takes more than one try.
            patience.Token.ThrowIfCancellationRequested();
            var waiting = Enumerable.Range(0, OutstandingMax).Select(_ => _asked.Tracker.UntrackAsync(Room, "alice", owner)).ToList();
            using var refused = await _asked.Http.DeleteAsync(HostNode.PathOf(Room, "alice", ""));
            await Task.WhenAll(waiting);
            if (refused.Headers.RetryAfter is null && refused.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                continue;
            }

            var problem = await Problem.OfAsync(refused, HttpStatusCode.ServiceUnavailable);
            Assert.Equal("lease-requests", (string)problem["limit"]!);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
            return;
        }
    }
}
