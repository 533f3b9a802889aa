using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;
using static PresenceTracker.Tests.Replication.CoreDriver;

namespace PresenceTracker.Tests.Replication;

/// <summary>
/// A presence that a new epoch has updated since it began is missing from the first part of that epoch, and comes with a later one. Readers
/// see an update all the same.
/// </summary>
public sealed class UpdateAcrossEpochsTests
{
    private static readonly ShardEpoch NextEpoch = new(0, 1, CompleteAt: 1);
    private static readonly ReplicaId Next = new(Other, 0, 1);

    public static TheoryData<bool> Parts => [true, false];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Of_a_peer_whose_shard_crashed(bool isDelta)
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        core.Give(PeerDots(0, 1));
        core.Give(new MembershipEffect.EpochRaised(Other, NextEpoch));

        Assert.Empty(Events(core.Give(FirstPart(isDelta))));
        AssertUpdated(Events(core.Give(LastPart(isDelta))));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void Of_a_peer_when_the_own_shard_crashed(bool isDelta)
    {
        var core = new CoreDriver(epoch: 1, BeforeTheCrash());
        core.Give(new MembershipEffect.NodeUp(new NodeRecord(Other, 0, [NextEpoch])));
        core.Give(new ReplicationInput.Introduced());
        core.Give(new ReplicationInput.Replayed(1, [], [], IsLast: true));

        Assert.Empty(Events(core.Give(FirstPart(isDelta))));
        AssertUpdated(Events(core.Give(LastPart(isDelta))));
    }

    private static PublishedState BeforeTheCrash()
    {
        var core = new CoreDriver();
        core.Give(new MembershipEffect.NodeUp(PeerRecord));
        var turn = Assert.Single(core.Give(PeerDots(0, 1)).OfType<ReplicationEffect.Publish>()).Turn;
        return new PublishedState(turn.Version, [turn.Diffs[0].After], ["peer's 1"], [new(PeerReplica, 1)]);
    }

    /// <summary>The presence was tracked by 1 and updated by 2: as of 2, and in a part of a delta to 2, there is nothing in (0, 1].</summary>
    private static GossipEffect.DeliverDots FirstPart(bool isDelta) => Deliver(isDelta
        ? new Dots(Next, 0, 1, AsOf: 1, Horizon: 2, [], [])
        : new Dots(Next, 0, 1, AsOf: 2, Horizon: 2, [], Removals: default));

    private static GossipEffect.DeliverDots LastPart(bool isDelta)
    {
        var updated = new Presence(Next, 2, Id("peer's 1"), "r2", Meta.Empty, TimeSpan.Zero);
        return Deliver(new Dots(Next, 1, 2, AsOf: 2, Horizon: 2, [updated], isDelta ? [new Removal(2, 1, RemovalCause.Updated)] : default));
    }

    private static GossipEffect.DeliverDots Deliver(Dots dots) => new(dots, Other, PushNumber: 0);

    private static void AssertUpdated(IEnumerable<PresenceEvent> events)
    {
        var update = Assert.Single(events);
        Assert.Equal((PresenceEventKind.Updated, "r1", "r2"), (update.Kind, update.Previous?.Ref, update.Presence.Ref));
    }

    private static List<PresenceEvent> Events(IEnumerable<ReplicationEffect> effects) =>
        [.. effects.OfType<ReplicationEffect.Publish>().SelectMany(publish => publish.Turn.Diffs).SelectMany(diff => diff.Events)];
}
