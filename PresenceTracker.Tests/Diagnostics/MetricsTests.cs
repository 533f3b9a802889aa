using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Surface;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Diagnostics;

/// <summary>Two nodes with one shard each, and an ear at the meter of each.</summary>
public sealed class MetricsTests : IAsyncLifetime
{
    private const string Room = "room:1";
    private const string Setup = "akka.loglevel = OFF, presence.shards = 1, presence.subscriber-queue = 4";

    private readonly Owner _owner = Owner.Connection("c1");
    private PresenceNode _a = null!;
    private PresenceNode _b = null!;
    private MeterProbe _atA = null!;
    private MeterProbe _atB = null!;

    private string OfA => $"peer={_a.Tracker.Self.Address}";

    private string OfB => $"peer={_b.Tracker.Self.Address}";

    public async Task InitializeAsync()
    {
        _a = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = Setup });
        _atA = new MeterProbe(_a.Tracker.Self.Address);
        _b = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Seeds = { _a.Tracker.Self.Address }, Hocon = Setup });
        _atB = new MeterProbe(_b.Tracker.Self.Address);
        await Task.WhenAll(_a.Tracker.Ready, _b.Tracker.Ready).InTime();
        await Expect.UntilAsync(() => _a.Tracker.Nodes.Count == 2, "both nodes to know each other");
    }

    public async Task DisposeAsync()
    {
        _atA.Dispose();
        _atB.Dispose();
        await _b.DisposeAsync();
        await _a.DisposeAsync();
    }

    [Fact]
    public void Every_instrument_has_a_unit_and_says_what_it_is()
    {
        Assert.All(_atA.Instruments, instrument => Assert.False(string.IsNullOrEmpty(instrument.Unit), instrument.Name));
        Assert.All(_atA.Instruments, instrument => Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal));
        Assert.Equal(_atA.Instruments.Select(instrument => instrument.Name).Order(), _atB.Instruments.Select(instrument => instrument.Name).Order());
    }

    [Fact]
    public async Task What_is_listed_and_what_changed_is_told_on_both_nodes()
    {
        await _a.Tracker.TrackManyAsync(
            [.. Enumerable.Range(0, 5).Select(i => new TrackRequest(i < 3 ? Room : "room:2", $"user {i}", _owner, Meta.Empty))]);
        await _a.Tracker.UpdateAsync(Room, "user 0", _owner, new { n = 1 });
        await _a.Tracker.UntrackAsync(Room, "user 1", _owner);
        await _a.Tracker.UntrackManyAsync([("room:2", "user 3", _owner), ("room:2", "user 4", _owner)]);
        await _b.Tracker.TrackAsync(Room, "bob", Owner.Connection("at b"));

        foreach (var probe in (MeterProbe[])[_atA, _atB])
        {
            await EqualAsync(probe, 3, "presence.presences");
            await EqualAsync(probe, 1, "presence.topics");
            await EqualAsync(probe, 3, "presence.changes", "change=Left", "reason=Untracked");
            await EqualAsync(probe, 0, "presence.changes", "change=Left", "reason=NodeDown");
        }

        // What one window brings together, a peer may see in fewer steps.
        Assert.Equal(6, _atA.Read("presence.changes", "change=Joined"));
        Assert.Equal(1, _atA.Read("presence.changes", "change=Updated"));

        await _b.Tracker.LeaveAsync().InTime();
        await EqualAsync(_atA, 1, "presence.changes", "change=Left", "reason=NodeLeft");
        await EqualAsync(_atA, 0, "presence.nodes", "state=Up");
        await EqualAsync(_atA, 1, "presence.nodes", "state=Removed");
    }

    [Fact]
    public async Task Messages_and_bytes_are_told_by_peer()
    {
        var before = _atB.Read("presence.bytes.received", OfA);
        await _a.Tracker.TrackAsync(Room, "alice", _owner, new { text = new string('x', 3_000) });
        await Expect.UntilAsync(
            () => _atB.Read("presence.bytes.received", OfA) > before + 3_000 && _atA.Read("presence.bytes.sent", OfB) > 3_000,
            "the bytes of the change at both ends");

        Assert.True(_atA.Read("presence.gossip.sent", "kind=Push", OfB) >= 1);
        Assert.True(_atB.Read("presence.gossip.received", "kind=Push", OfA) >= 1);
        Assert.True(_atA.Read("presence.membership.received", "kind=Hello") >= 1);
        Assert.InRange(_atB.Read("presence.messages.received", OfA), 2, _atB.Read("presence.bytes.received", OfA) / 4);
        Assert.Equal(1, _atB.Read("presence.dots.entries"));
        await Expect.UntilAsync(() => _atA.Read("presence.gossip.rounds") > 0, "a round of digests");
    }

    [Fact]
    public async Task A_shard_that_stands_still_shows_as_lag_there_and_as_unacknowledged_pushes_here()
    {
        var shard = (ActorRefWithCell)await _b.System.ActorSelection("/user/presence/shard-0").ResolveOne(Expect.Patience);
        await _a.Tracker.TrackAsync(Room, "alice", _owner);
        await Expect.UntilAsync(() => _b.Tracker.List(Room).MetaCount == 1, "B to list it");
        await EqualAsync(_atB, 0, "presence.lag.operations", OfA);

        shard.Suspend();
        await _a.Tracker.TrackManyAsync([.. Enumerable.Range(0, 7).Select(i => new TrackRequest(Room, $"user {i}", _owner, Meta.Empty))]);
        await EqualAsync(_atB, 7, "presence.lag.operations", OfA);
        await Expect.UntilAsync(() => _atB.Read("presence.lag.time", OfA) > 0.5, "the lag to last for half a second");
        await EqualAsync(_atA, 1, "presence.peers.blocked");
        Assert.True(_atB.Read("presence.shards.queued", "shard=0") >= 1);
        Assert.True(_atA.Read("presence.pushes.unacknowledged", OfB) >= 1);
        Assert.True(_atA.Read("presence.pushes.unacknowledged.bytes", OfB) >= 1);
        Assert.Equal(7UL, _b.Tracker.Nodes.Single(node => !node.IsSelf).Lag);

        shard.Resume(null);
        await EqualAsync(_atB, 0, "presence.lag.operations", OfA);
        await EqualAsync(_atB, 0, "presence.lag.time", OfA);
        await EqualAsync(_atA, 0, "presence.peers.blocked");
        await EqualAsync(_atA, 0, "presence.pushes.unacknowledged", OfB);
        await EqualAsync(_atB, 0, "presence.shards.queued");
        Assert.Equal(8, _b.Tracker.List(Room).MetaCount);
    }

    [Fact]
    public async Task The_queues_of_subscribers_and_those_that_were_full_are_told()
    {
        await using var slow = await _a.Tracker.SubscribeAsync(Room);
        await using var slower = await _a.Tracker.SubscribeAsync(Room);
        await EqualAsync(_atA, 2, "presence.subscriptions");

        await _a.Tracker.TrackAsync(Room, "alice", _owner);
        await _a.Tracker.TrackAsync(Room, "bob", _owner);
        await EqualAsync(_atA, 4, "presence.subscriptions.queued");
        await slow.NextAsync();
        await EqualAsync(_atA, 3, "presence.subscriptions.queued");
        await EqualAsync(_atA, 2, "presence.subscriptions.queued.max");

        for (var i = 0; i < 4; i++)
        {
            await _a.Tracker.TrackAsync(Room, $"user {i}", _owner);
        }

        await EqualAsync(_atA, 2, "presence.subscriptions.lagged");
        await EqualAsync(_atA, 2, "presence.subscriptions");
        await EqualAsync(_atA, 4, "presence.subscriptions.queued.max");

        // Four diffs, and one that leads to the present.
        for (var i = 0; i < 5; i++)
        {
            await slow.NextAsync();
        }

        await EqualAsync(_atA, 2, "presence.subscriptions");
        await slow.DisposeAsync();
        await slower.DisposeAsync();
        await EqualAsync(_atA, 0, "presence.subscriptions");
    }

    [Fact]
    public async Task What_a_stranger_calls_itself_is_in_no_series()
    {
        var stranger = new NodeId("stranger:1", new Incarnation(1, 1));
        _a.System.ActorSelection($"/user/presence/{HeartbeatActor.Name}").Tell(
            new GossipEnvelope(stranger, new GossipMessage.Push(1, new(new ReplicaId(stranger, 0, 0), 0, 1, 1, 1, [], []))) { Bytes = 100 });

        await EqualAsync(_atA, 1, "presence.violations", "kind=NotAPeer", "peer=unknown");
        await EqualAsync(_atA, 1, "presence.gossip.received", "kind=Push", "peer=unknown");
        Assert.True(_atA.Read("presence.bytes.received", "peer=unknown") >= 100);
        Assert.DoesNotContain(_atA.Series, series => series.Contains("stranger", StringComparison.Ordinal));
    }

    private static Task EqualAsync(MeterProbe probe, double expected, string name, params string[] tags)
    {
        return Expect.UntilAsync(() => probe.Read(name, tags) == expected, $"{name} {string.Join(' ', tags)} to be {expected}", Seen);

        string Seen() => string.Join('\n', probe.Series.Where(series => series.StartsWith(name, StringComparison.Ordinal)));
    }
}
