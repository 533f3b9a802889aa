using Akka.TestKit.Xunit2;
using PresenceTracker.Actors;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Reading;
using Xunit;

namespace PresenceTracker.Tests.Actors;

public sealed class ReplicaReporterTests : TestKit
{
    [Fact]
    public void A_node_that_is_down_takes_no_part_in_digests_though_its_dots_still_arrive()
    {
        var peer = new NodeId("127.0.0.1:2", new Incarnation(1, 2));
        var replica = new ReplicaId(peer, 0, 0);
        var set = new PresenceSet(new ReplicaId(new NodeId("127.0.0.1:1", new Incarnation(1, 1)), 0, 0), new PresenceSetOptions());
        var heartbeat = CreateTestProbe();
        var reporter = new ReplicaReporter(set, new ShardView(), heartbeat);
        set.NodeUp(new NodeRecord(peer, 0, []));
        reporter.ReportAll();
        set.NodeDown(peer, MonotonicTime.Zero);
        reporter.ReportAll();

        set.Apply(new Dots(replica, From: 0, To: 1, AsOf: 1, Horizon: 1, Entries: [], Removals: []));
        reporter.Report(replica);

        heartbeat.Ref.Tell("end", TestActor);
        Assert.Equal(set.Self, heartbeat.ExpectMsg<GossipInput.ReplicaAdded>().Replica);
        Assert.Equal(replica, heartbeat.ExpectMsg<GossipInput.ReplicaAdded>().Replica);
        Assert.Equal(replica, heartbeat.ExpectMsg<GossipInput.ReplicaRemoved>().Replica);
        heartbeat.ExpectMsg("end");
    }
}
