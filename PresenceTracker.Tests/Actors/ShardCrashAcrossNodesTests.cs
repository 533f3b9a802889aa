using Akka.Actor;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Surface;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Actors;

/// <summary>Two nodes with one shard each.</summary>
public sealed class ShardCrashAcrossNodesTests : IAsyncLifetime
{
    private const string Room = "room:1";
    private const string Setup = "akka.loglevel = OFF, presence.shards = 1";

    private readonly Owner _owner = Owner.Connection("c1");
    private PresenceNode _a = null!;
    private PresenceNode _b = null!;

    public async Task InitializeAsync()
    {
        _a = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = Setup });
        _b = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Seeds = { _a.Tracker.Self.Address }, Hocon = Setup });
        await Task.WhenAll(_a.Tracker.Ready, _b.Tracker.Ready).InTime();
        await Expect.UntilAsync(() => _a.Tracker.Nodes.Count == 2, "both nodes to know each other");
    }

    public async Task DisposeAsync()
    {
        await _b.DisposeAsync();
        await _a.DisposeAsync();
    }

    [Fact]
    public async Task When_a_shard_crashes_neither_its_subscribers_nor_those_of_its_peers_see_a_flap()
    {
        await TrackOnBothAsync();
        await using var atA = await _a.Tracker.SubscribeAsync(Room);
        await using var atB = await _b.Tracker.SubscribeAsync(Room);

        for (var epoch = 1; epoch <= 2; epoch++)
        {
            (await ShardOf(_a)).Tell(Crash.Delivery);
            await SeesOnlyTheUpdateAsync(_a, "alice", atA, atB);
            await Expect.UntilAsync(
                () => _b.Tracker.GetByKey(Room, "alice").Single().Replica.Epoch == epoch, "the peer to exchange the epochs");
        }

        await SeesOnlyTheUpdateAsync(_b, "bob", atA, atB);
        await _a.Tracker.UntrackAsync(Room, "alice", _owner);
        Assert.Equal(PresenceEventKind.Left, (await atB.NextEventAsync()).Kind);
    }

    [Fact]
    public async Task What_a_shard_that_stays_down_had_announced_is_listed_by_no_peer_and_its_subscribers_are_told()
    {
        await TrackOnBothAsync();
        await using var atA = await _a.Tracker.SubscribeAsync(Room);
        await using var atB = await _b.Tracker.SubscribeAsync(Room);

        for (var crash = 0; crash < 3; crash++)
        {
            (await ShardOf(_a)).Tell(Crash.Delivery);
        }

        await Expect.UntilAsync(() => _b.Tracker.GetByKey(Room, "alice").Count == 0, "the peer to drop what nothing can end any more");
        Assert.Equal(["bob"], _b.Tracker.List(Room).Keys);
        Assert.Equal(("alice", PresenceEventKind.Left), await atB.NextEventAsync() is var left ? (left.Presence.Key, left.Kind) : default);
        await Assert.ThrowsAsync<PresenceTracker.Errors.ShardUnavailableException>(async () =>
        {
            while (true)
            {
                await atA.NextAsync();
            }
        });
        Assert.False(_a.Tracker.IsReady);
    }

    [Fact]
    public async Task When_a_node_goes_on_under_a_higher_incarnation_nobody_sees_a_flap()
    {
        await TrackOnBothAsync();
        await using var atA = await _a.Tracker.SubscribeAsync(Room);
        await using var atB = await _b.Tracker.SubscribeAsync(Room);
        var before = _a.Tracker.Self;
        // As when an island has healed that knew of a later life at A's address.
        var later = before with { Incarnation = new Incarnation(before.Incarnation.Counter + 1_000, 1) };
        var monitor = await _a.System.ActorSelection("/user/presence/monitor").ResolveOne(Expect.Patience);
        monitor.Tell(new MembershipEnvelope(_b.Tracker.Self.Address, new MembershipMessage.RemovalNotice(later, 0)));

        await Expect.UntilAsync(() => _a.Tracker.Self.Supersedes(before), "A to go on under another incarnation");
        await SeesOnlyTheUpdateAsync(_a, "alice", atA, atB);
        await Expect.UntilAsync(() => _b.Tracker.Nodes.Any(node => node.Node == _a.Tracker.Self), "B to hear of the incarnation");
        await Expect.UntilAsync(
            () => _b.Tracker.GetByKey(Room, "alice").Single().Node == _a.Tracker.Self, "B to exchange the incarnations");
        Assert.Equal(2, _b.Tracker.Nodes.Count);
        await SeesOnlyTheUpdateAsync(_a, "alice", atA, atB);
        await SeesOnlyTheUpdateAsync(_b, "bob", atA, atB);
    }

    [Fact]
    public async Task A_lease_keeps_its_term_and_is_renewed_from_elsewhere_after_its_shard_crashed()
    {
        var lease = Owner.Lease(TimeSpan.FromHours(1));
        var tracked = await _a.Tracker.TrackAsync(Room, "alice", lease);
        await Expect.UntilAsync(() => _b.Tracker.Count(Room).Keys == 1, "the lease on the other node");

        (await ShardOf(_a)).Tell(Crash.Delivery);
        await Expect.UntilAsync(() => _b.Tracker.GetByKey(Room, "alice").Single().Replica.Epoch == 1, "the peer to exchange the epochs");

        Assert.Equal(new TrackResult(TrackStatus.AlreadyTracked, tracked.Ref), await _b.Tracker.TrackAsync(Room, "alice", lease));
        Assert.All(new[] { _a, _b }, node => Assert.Equal(1, node.Tracker.GetByKey(Room, "alice").Single().Term));
    }

    [Fact]
    public async Task A_delivery_that_crashed_the_shard_does_not_stop_the_pushes_to_it()
    {
        await TrackOnBothAsync();
        await using var atB = await _b.Tracker.SubscribeAsync(Room);
        var shard = (IInternalActorRef)await ShardOf(_b);

        // Pushes wait behind the crash.
        shard.Suspend();
        shard.Tell(Crash.Delivery);
        await _a.Tracker.UpdateAsync(Room, "alice", _owner, new { n = 2 });
        shard.Resume();
        Assert.Equal(PresenceEventKind.Updated, (await atB.NextEventAsync()).Kind);

        for (var n = 3; n < 200; n++)
        {
            await _a.Tracker.UpdateAsync(Room, "alice", _owner, new { n });
        }

        await Expect.UntilAsync(() => MetaAt(_b) == MetaAt(_a), "the peer to catch up");
    }

    private static string MetaAt(PresenceNode node) => node.Tracker.GetByKey(Room, "alice").Single().Meta.ToString();

    private static Task<IActorRef> ShardOf(PresenceNode node) =>
        node.System.ActorSelection("/user/presence/shard-0").ResolveOne(Expect.Patience);

    private async Task TrackOnBothAsync()
    {
        await _a.Tracker.TrackAsync(Room, "alice", _owner, new { n = 0 });
        await _b.Tracker.TrackAsync(Room, "bob", _owner, new { n = 0 });
        await Expect.UntilAsync(
            () => _a.Tracker.Count(Room).Keys == 2 && _b.Tracker.Count(Room).Keys == 2, "both presences on both nodes");
    }

    private async Task SeesOnlyTheUpdateAsync(
        PresenceNode node, string key, params PresenceTracker.Subscriptions.Subscription[] subscriptions)
    {
        var updated = await node.Tracker.UpdateAsync(Room, key, _owner, new { at = Guid.NewGuid() });
        foreach (var subscription in subscriptions)
        {
            var change = await subscription.NextEventAsync();
            Assert.Equal((PresenceEventKind.Updated, updated.Ref), (change.Kind, change.Presence.Ref));
        }
    }
}
