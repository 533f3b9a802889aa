using Akka.Actor;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Actors;

/// <summary>A node of two shards, and a peer that mixes them up.</summary>
public sealed class ForeignTopicTests() : VirtualTimeTest($"presence.shards = {ShardCount}")
{
    private const int ShardCount = 2;

    private static readonly NodeId Peer = new("127.0.0.1:2", new Incarnation(1, 2));

    [Fact]
    public async Task What_a_peer_sends_to_another_shard_than_its_topics_is_listed_nowhere()
    {
        var home = StableHash.ShardOf(Room, ShardCount);
        for (var shard = 0; shard < ShardCount; shard++)
        {
            var actor = await ActorAsync($"shard-{shard}");
            actor.Tell(new MembershipEffect.NodeUp(new NodeRecord(Peer, 0, [])));
            actor.Tell(Presence(new ReplicaId(Peer, shard, 0)));
        }

        await SettleAsync();

        Assert.Equal(home, Assert.Single(Tracker.List(Room)).Replica.Shard);
        Assert.Equal([Room], Tracker.TopicsOf("alice"));
    }

    private static GossipEffect.DeliverDots Presence(ReplicaId replica) => new(
        new Dots(replica, 0, 1, 1, 1, [new Presence(replica, 1, new PresenceId(Room, "alice", "connection:c1"), "r", Meta.Empty, TimeSpan.Zero)], []),
        Peer,
        PushNumber: 1);
}
