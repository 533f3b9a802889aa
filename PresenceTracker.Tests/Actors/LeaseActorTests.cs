using System.Diagnostics.Metrics;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Surface;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Actors;

/// <summary>What callers of one node do to leases of another. Two nodes.</summary>
public sealed class LeaseActorTests : IAsyncLifetime
{
    private const string Room = "room:1";
    private static readonly Owner Lease = Owner.Lease(TimeSpan.FromHours(1));

    private PresenceNode _a = null!;
    private PresenceNode _b = null!;

    public async Task InitializeAsync()
    {
        _a = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = "akka.loglevel = OFF" });
        _b = PresenceNode.Start(
            new PresenceTrackerOptions { NodePort = 0, Seeds = { _a.Tracker.Self.Address }, Hocon = "akka.loglevel = OFF" });
        await Task.WhenAll(_a.Tracker.Ready, _b.Tracker.Ready).InTime();
        await Expect.UntilAsync(() => _a.Tracker.Nodes.Count == 2, "both nodes to know each other");
    }

    public async Task DisposeAsync()
    {
        await _b.DisposeAsync();
        await _a.DisposeAsync();
    }

    [Fact]
    public async Task An_upsert_through_another_node_updates_the_presence_where_it_is()
    {
        await _a.Tracker.TrackAsync(Room, "alice", Lease, new { n = 1 });
        await SeenByBAsync(1);
        await using var atB = await _b.Tracker.SubscribeAsync(Room);

        var updated = await _b.Tracker.TrackOrUpdateAsync(Room, "alice", Lease, new { n = 2 }).InTime();

        Assert.Equal(TrackStatus.Updated, updated.Status);
        var change = await atB.NextEventAsync();
        Assert.Equal((PresenceEventKind.Updated, updated.Ref), (change.Kind, change.Presence.Ref));
        Assert.Equal(_a.Tracker.Self, change.Presence.Node);
        Assert.Equal(TrackStatus.Unchanged, (await _b.Tracker.TrackOrUpdateAsync(Room, "alice", Lease, new { n = 2 }).InTime()).Status);

        // Without the wish to update, the meta is left alone, as on the node itself.
        var renewed = await _b.Tracker.TrackAsync(Room, "alice", Lease, new { n = 3 }).InTime();
        Assert.Equal(new TrackResult(TrackStatus.AlreadyTracked, updated.Ref), renewed);
        Assert.Equal("""{"n":2}""", $"{Assert.Single(_a.Tracker.List(Room)).Meta}");
    }

    [Fact]
    public async Task An_owner_that_is_no_lease_or_another_lease_is_a_presence_of_its_own()
    {
        await _a.Tracker.TrackAsync(Room, "alice", Lease);
        await _a.Tracker.TrackAsync(Room, "alice", Owner.Connection("c"));
        await SeenByBAsync(2);

        var phone = await _b.Tracker.TrackAsync(Room, "alice", Owner.Lease(TimeSpan.FromHours(1), "phone")).InTime();
        var connection = await _b.Tracker.TrackAsync(Room, "alice", Owner.Connection("c")).InTime();
        var notMine = await _b.Tracker.UntrackAsync(Room, "alice", Owner.Connection("d")).InTime();

        Assert.Equal(
            (TrackStatus.Tracked, TrackStatus.Tracked, TrackStatus.NotTracked), (phone.Status, connection.Status, notMine.Status));
        Assert.Equal(4, _b.Tracker.Count(Room).Metas);
        Assert.Equal([0, 0, 1, 1], _b.Tracker.List(Room).Select(presence => presence.Term).Order());
    }

    [Fact]
    public async Task Many_leases_are_renewed_and_ended_where_they_are_in_messages_within_their_limits()
    {
        const int count = 3_000;
        var meta = Metas.From(new { text = new string('m', 3_000) });
        var held = Requests("held", count, meta);
        Assert.All(await _a.Tracker.TrackManyAsync(held).InTime(), result => Assert.Equal(TrackStatus.Tracked, result.Status));
        await Expect.UntilAsync(() => _b.Tracker.List(Room).MetaCount == count, "the leases on the other node");

        var own = Requests("own", 2, meta);
        var renewed = await _b.Tracker.TrackManyAsync([own[0], .. held, own[1]]).InTime();

        Assert.Equal((TrackStatus.Tracked, TrackStatus.Tracked), (renewed[0].Status, renewed[^1].Status));
        Assert.All(renewed.Skip(1).Take(count), result => Assert.Equal(TrackStatus.AlreadyTracked, result.Status));
        Assert.Equal(held.Select(request => _a.Tracker.GetByKey(Room, request.Key).Single().Ref), renewed.Skip(1).Take(count).Select(r => r.Ref));

        var ended = await _b.Tracker.UntrackManyAsync(
            [.. held.Append(own[0]).Select(request => (Room, request.Key, Lease)), (Room, "nobody", Lease)]).InTime();

        Assert.All(ended.Take(count + 1), result => Assert.Equal(TrackStatus.Untracked, result.Status));
        Assert.Equal(TrackStatus.NotTracked, ended[^1].Status);
        await Expect.UntilAsync(
            () => _a.Tracker.Count(Room).Metas == 1 && _b.Tracker.Count(Room).Metas == 1, "only the other own presence to be left");
    }

    [Fact]
    public async Task What_a_stranger_asks_changes_nothing_and_is_counted()
    {
        await _a.Tracker.TrackAsync(Room, "alice", Lease);
        var counted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = ViolationListener(counted);
        var stranger = new NodeId(_b.Tracker.Self.Address, new Incarnation(1, 1));
        var end = new LeaseMessage.LeaseRequest(1, [LeaseCall.End(new PresenceId(Room, "alice", Lease.Id))]);

        _a.System.ActorSelection("/user/presence/leases").Tell(new LeaseEnvelope(stranger, end));

        await counted.Task.InTime();
        await _a.Tracker.TrackAsync(Room, "bob", Lease);
        Assert.Equal(["alice", "bob"], _a.Tracker.List(Room).Keys);
    }

    [Fact]
    public async Task A_call_that_was_cancelled_is_not_forwarded()
    {
        await _a.Tracker.TrackAsync(Room, "alice", Lease);
        await SeenByBAsync(1);
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _b.Tracker.UntrackAsync(Room, "alice", Lease, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _b.Tracker.TrackAsync(Room, "alice", Lease, cancellationToken: cancelled));

        // Behind whatever would have been forwarded.
        Assert.Equal(TrackStatus.AlreadyTracked, (await _b.Tracker.TrackAsync(Room, "alice", Lease).InTime()).Status);
    }

    [Fact]
    public async Task A_lease_whose_node_left_is_tracked_anew()
    {
        await _a.Tracker.TrackAsync(Room, "alice", Lease);
        await SeenByBAsync(1);
        await _a.Tracker.LeaveAsync().InTime();
        await Expect.UntilAsync(() => _b.Tracker.Count(Room).Metas == 0, "the node to be gone");

        Assert.Equal(TrackStatus.Tracked, (await _b.Tracker.TrackAsync(Room, "alice", Lease).InTime()).Status);
    }

    private static MeterListener ViolationListener(TaskCompletionSource counted)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "presence.violations")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (var (key, value) in tags)
            {
                if (key == "kind" && value is nameof(LeaseViolation.NotAPeer))
                {
                    counted.TrySetResult();
                }
            }
        });
        listener.Start();
        return listener;
    }

    private static List<TrackRequest> Requests(string prefix, int count, Meta meta) =>
        [.. Enumerable.Range(0, count).Select(i => new TrackRequest(Room, $"{prefix}-{i:d5}", Lease, meta))];

    private Task SeenByBAsync(int metas) =>
        Expect.UntilAsync(() => _b.Tracker.Count(Room).Metas == metas, $"{metas} presences on the other node");
}
