using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Simulator;
using PresenceTracker.Simulator.Checkers;
using PresenceTracker.Simulator.Faults;
using PresenceTracker.Simulator.Nodes;
using PresenceTracker.Tests.Presences;
using Xunit;

namespace PresenceTracker.Tests.Simulation;

/// <summary>What looks on must be able to find something.</summary>
public sealed class CheckerTests
{
    private static readonly TopicView Nobody = TopicView.Empty("room");
    private static readonly TopicView Alice = Nobody.With(Presence("r1"), version: 1);

    [Fact]
    public void A_join_of_what_is_there_is_found()
    {
        var subscriber = new Subscriber("room");
        subscriber.Begin(Alice);

        Assert.Throws<CheckFailedException>(() => subscriber.Take(Diff(Alice, Alice, PresenceEvent.Joined(Presence("r1")))));
    }

    [Fact]
    public void A_leave_of_what_is_not_there_is_found()
    {
        var subscriber = new Subscriber("room");
        subscriber.Begin(Nobody);

        Assert.Throws<CheckFailedException>(() => subscriber.Take(Diff(Nobody, Nobody, PresenceEvent.Left(Presence("r1"), LeaveReason.Untracked))));
    }

    [Fact]
    public void A_list_that_the_diffs_do_not_give_is_found()
    {
        var node = Node();
        var subscriber = new Subscriber("room");
        subscriber.Begin(Nobody);
        var diff = Diff(Nobody, Alice);
        subscriber.Take(diff);

        Assert.Throws<CheckFailedException>(() => new DiffChecker().SubscriberTold(node, subscriber, diff));
    }

    [Fact]
    public void A_presence_that_nobody_tracked_is_found()
    {
        var node = Node();
        var turn = new PresenceTracker.Protocol.Replication.Turn(1, [Diff(Nobody, Alice, PresenceEvent.Joined(Presence("r1")))], []);
        var checker = new GhostChecker();
        checker.EpochBegan(node, new ReplicaId(node.StartedAs, 0, 0));

        Assert.Throws<CheckFailedException>(() => checker.Published(node, 0, new PublishedView(), turn, isRelease: false));
    }

    private static TopicDiff Diff(TopicView before, TopicView after, params ImmutableArray<PresenceEvent> events) => new(before, after, events);

    private static Presence Presence(string @ref) => new(
        new ReplicaId(new NodeId("node0:4053", new Incarnation(1, 1)), 0, 0), 1, new PresenceId("room", "alice", "connection:1"), @ref, Meta.Empty,
        TimeSpan.Zero);

    private static SimulatedNode Node() => new SimulatedCluster(SwarmOptions.Draw(1) with { Faults = ImmutableArray<FaultKind>.Empty }, []).StartNode(0);
}
