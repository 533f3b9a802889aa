using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

public sealed class RecordCheckTests
{
    private static readonly NodeId B = Node("b:1", 50);

    public static TheoryData<NodeRecord> MalformedRecords() =>
    [
        Record(new NodeId("", new Incarnation(1, 1))),
        Record(new NodeId("b", new Incarnation(1, 1))),
        Record(new NodeId("b:0", new Incarnation(1, 1))),
        Record(new NodeId("b:65536", new Incarnation(1, 1))),
        Record(new NodeId("b c:1", new Incarnation(1, 1))),
        Record(new NodeId("[fe80::1%2]:1", new Incarnation(1, 1))),
        Record(new NodeId(new string('b', 254) + ":1", new Incarnation(1, 1))),
        Record(new NodeId("b:1", new Incarnation(ulong.MaxValue, 1))),
        Record(B, ulong.MaxValue),
        Record(B, 1, new ShardEpoch(8, 1, 0)),
        Record(B, 1, new ShardEpoch(-1, 1, 0)),
        Record(B, 1, new ShardEpoch(1, 0, 0)),
        Record(B, 1, new ShardEpoch(2, 1, 0), new ShardEpoch(1, 1, 0)),
        Record(B, 1, new ShardEpoch(1, 1, 0), new ShardEpoch(1, 2, 0)),
        new NodeRecord(B, 1, default),
    ];

    [Theory]
    [MemberData(nameof(MalformedRecords))]
    public void A_malformed_record_is_counted_and_changes_nothing(NodeRecord record)
    {
        MembershipMessage[] messages =
        [
            new MembershipMessage.Hello(record, OwnAddress, MembershipOptions.ProtocolVersion, "test", 8),
            new MembershipMessage.Welcome(record, "b:1", [], 0),
            new MembershipMessage.Ping(1, record, []),
            new MembershipMessage.PingRequest(1, record, Node("c:1", 6), []),
            new MembershipMessage.Ack(1, record, []),
            new MembershipMessage.Nack(1, record, []),
            new MembershipMessage.Announcement(record, []),
        ];
        foreach (var message in messages)
        {
            var driver = Started("b:1");
            driver.Receive(message);
            driver.AssertViolation(MembershipViolationKind.MalformedRecord);
            driver.AssertNothingElse();
            Assert.Empty(driver.Core.Members);
        }
    }

    [Fact]
    public void A_malformed_welcome_is_counted_and_changes_nothing()
    {
        MembershipMessage[] messages =
        [
            Welcome(B, ulong.MaxValue),
            Welcome(B) with { Members = default },
            Welcome(B, 0, new NodeId("nowhere", new Incarnation(1, 1))),
            Welcome(B, 0, [.. Enumerable.Range(1, 1001).Select(i => Node($"n:{i}", 1))]),
        ];
        foreach (var message in messages)
        {
            var driver = Started("b:1");
            driver.Receive(message);
            driver.AssertViolation(MembershipViolationKind.MalformedRecord);
            driver.AssertNothingElse();
            Assert.Empty(driver.Core.Members);
        }
    }

    [Fact]
    public void Malformed_updates_are_counted_and_change_nothing()
    {
        var c = Node("c:1", 6);
        ImmutableArray<MemberUpdate>[] malformed =
        [
            default,
            [.. Enumerable.Repeat(new MemberUpdate(c, 1, UpdateKind.Alive), MembershipOptions.UpdatesPerMessageMax + 1)],
            [new MemberUpdate(c, 1, UpdateKind.Suspect)],
            [new MemberUpdate(c, 1, UpdateKind.Suspect, "nowhere")],
            [new MemberUpdate(c, 1, UpdateKind.Down, "b:1")],
            [new MemberUpdate(c, ulong.MaxValue, UpdateKind.Down)],
            [new MemberUpdate(new NodeId("c", c.Incarnation), 1, UpdateKind.Down)],
        ];
        foreach (var updates in malformed)
        {
            var driver = With(B, c);
            driver.Receive(new MembershipMessage.Announcement(Record(B, 2), updates));
            driver.AssertViolation(MembershipViolationKind.MalformedRecord);
            driver.AssertNothingElse();
            Assert.All(driver.Core.Members, member => Assert.Equal((MemberState.Up, 1UL), (member.State, member.Refutation)));
        }
    }
}
