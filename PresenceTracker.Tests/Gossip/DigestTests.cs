using System.Collections.Immutable;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

public sealed class DigestTests
{
    private const int ShardCount = 8;

    [Fact]
    public void A_new_peer_gets_a_root_at_once()
    {
        var core = Synced();

        Assert.Equal([B], core.Give(new GossipInput.PeerUp(B)).Receivers<GossipMessage.DigestRoot>());
    }

    [Fact]
    public void Equal_contexts_have_equal_roots_in_whatever_order_they_were_reached()
    {
        var one = Synced(null, D);
        one.Hold(Replica(B), 7);
        one.Hold(Replica(C, shard: 2), 9);
        var other = Synced(null, D);
        other.Hold(Replica(C, shard: 2), 0);
        other.Hold(Replica(B), 3);
        other.Hold(Replica(B, shard: 5), 0);
        other.Hold(Replica(B, shard: 6), 4);
        other.Give(new GossipInput.ContextMoved(Replica(B), At(7)));
        other.Give(new GossipInput.ContextMoved(Replica(C, shard: 2), At(9)));
        other.Give(new GossipInput.ReplicaRemoved(Replica(B, shard: 6)));

        Assert.Equal(RootOf(one), RootOf(other));
        other.Give(new GossipInput.ContextMoved(Replica(B), At(8)));
        Assert.NotEqual(RootOf(one), RootOf(other));
    }

    [Fact]
    public void An_equal_root_is_answered_by_nothing_but_that()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B), 7);
        core.Advance(TimeSpan.FromSeconds(5));

        var effects = core.Receive(B, new GossipMessage.DigestRoot(RootOf(core), 0, Synced: true));

        Assert.Equal([new GossipEffect.SendMessage(B, new GossipMessage.DigestEqual(Synced: true))], effects);
    }

    [Fact]
    public void An_unequal_root_is_answered_by_a_hash_per_shard_and_bucket()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B, shard: 3), 7);

        var buckets = Assert.Single(core.Receive(B, new GossipMessage.DigestRoot(1, 0, Synced: true)).Sent<GossipMessage.DigestBuckets>(B));

        Assert.Equal(1, buckets.BucketsPerShard);
        Assert.Equal(ShardCount, buckets.Hashes.Length);
        Assert.Equal([3], Enumerable.Range(0, ShardCount).Where(shard => buckets.Hashes[shard] != 0));
    }

    [Fact]
    public void Only_the_contexts_of_unequal_buckets_are_sent()
    {
        var (one, other) = (Synced(null, B), Synced(null, B));
        foreach (var core in (CoreDriver[])[one, other])
        {
            core.Hold(Replica(B, shard: 0), 7);
            core.Hold(Replica(B, shard: 1), 8);
            core.Hold(Replica(C, shard: 1), 0);
        }

        one.Hold(Replica(Self, shard: 1), 5);
        var hashes = BucketsOf(other);
        var contexts = Assert.Single(one.Receive(B, hashes).Sent<GossipMessage.DigestContexts>(B));

        Assert.True(contexts.Reply);
        Assert.Equal<int>([1], contexts.Buckets);
        Assert.Equal<ReplicaContext>([new(Replica(B, shard: 1), 8), new(Replica(Self, shard: 1), 5)], contexts.Contexts);
    }

    [Fact]
    public void Equal_buckets_are_answered_as_an_equal_root_is()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B), 7);

        Assert.Equal([new GossipMessage.DigestEqual(Synced: true)], core.Receive(B, BucketsOf(core)).Sent<GossipMessage>());
    }

    [Fact]
    public void Contexts_are_answered_by_our_own_of_the_same_buckets_when_a_reply_is_wanted()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B, shard: 1), 8);
        core.Hold(Replica(Self, shard: 2), 5);
        core.Hold(Replica(Self, shard: 3), 6);

        var effects = core.Receive(B, new GossipMessage.DigestContexts(1, [1, 2], [], Reply: true, Synced: true));
        var reply = Assert.Single(effects.Sent<GossipMessage.DigestContexts>(B));
        Assert.False(reply.Reply);
        Assert.Equal<int>([1, 2], reply.Buckets);
        Assert.Equal<ReplicaContext>([new(Replica(B, shard: 1), 8), new(Replica(Self, shard: 2), 5)], reply.Contexts);

        Assert.Empty(core.Receive(B, new GossipMessage.DigestContexts(1, [1, 2], [], Reply: false, Synced: true)));
    }

    [Fact]
    public void A_replica_that_a_digest_does_not_name_is_not_touched()
    {
        var core = Synced(null, B);
        core.Hold(Replica(C), 7);
        var root = RootOf(core);

        core.Receive(B, new GossipMessage.DigestContexts(1, [0], [], Reply: false, Synced: true));

        Assert.Equal(root, RootOf(core));
        Assert.Equal<ReplicaContext>([new(Replica(C), 7)], ContextsIn(core, bucket: 0));
    }

    [Fact]
    public void A_replica_that_is_not_held_is_not_asked_for_and_a_removed_one_is_in_no_digest()
    {
        var core = Synced(null, B);
        core.Hold(Replica(C), 7);
        core.Give(new GossipInput.ReplicaRemoved(Replica(C)));

        var effects = core.Receive(
            B, new GossipMessage.DigestContexts(1, [0], [new(Replica(C), 9), new(Replica(D), 9)], Reply: false, Synced: true));

        Assert.Empty(effects.Sent<GossipMessage.Pull>());
        Assert.Empty(effects.Violations());
        Assert.Empty(ContextsIn(core, bucket: 0));
    }

    [Fact]
    public void A_context_of_our_own_replica_above_our_own_is_counted_and_not_asked_for()
    {
        var core = Synced(null, B);
        core.Hold(Replica(Self), 7);

        var effects = core.Receive(
            B, new GossipMessage.DigestContexts(1, [0], [new(Replica(Self), 8)], Reply: false, Synced: true));

        Assert.Equal([new GossipEffect.ReportViolation(GossipViolation.OwnReplica, B)], effects);
    }

    [Fact]
    public void What_was_served_ahead_of_the_flush_that_reports_it_may_come_back_in_a_digest()
    {
        var core = Synced(null, B, C);
        core.Hold(Replica(Self), 7);
        core.Give(new GossipInput.PullServed(B, Token: 1, Replica(Self), [Delta(Replica(Self), 5, 8), Delta(Replica(Self), 8, 9)]));

        Assert.Empty(Told(9).Violations());
        Assert.Equal([GossipViolation.OwnReplica], Told(10).Violations());
        core.Give(new GossipInput.ContextMoved(Replica(Self), At(12)));
        Assert.Empty(Told(12).Violations());

        // By whoever has it from B.
        List<GossipEffect> Told(ulong context) =>
            core.Receive(C, new GossipMessage.DigestContexts(1, [0], [new(Replica(Self), context)], Reply: false, Synced: true));
    }

    [Fact]
    public void Our_replicas_of_a_raised_incarnation_are_our_own()
    {
        var core = Synced(null, B);
        var raised = Self with { Incarnation = Self.Incarnation with { Counter = 999 } };
        core.Give(new GossipInput.ReplicaAdded(new ReplicaId(raised, 0, Epoch: 1), At(3)));

        var effects = core.Receive(B, new GossipMessage.Push(1, Delta(new ReplicaId(raised, 0, Epoch: 1), 3, 4)));

        Assert.Equal([GossipViolation.OwnReplica], effects.Violations());
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(-1, 8)]
    [InlineData(3, 24)]
    [InlineData(1, 7)]
    [InlineData(1, 9)]
    [InlineData(1_024, 8_192)]
    [InlineData(int.MinValue, 8)]
    [InlineData(1 << 30, 8)]
    public void Buckets_that_no_correct_peer_has_are_counted_and_not_answered(int bucketsPerShard, int hashes)
    {
        var core = Synced(null, B);

        var effects = core.Receive(
            B, new GossipMessage.DigestBuckets(bucketsPerShard, [.. Enumerable.Repeat(1ul, hashes)], Synced: true));

        Assert.Equal([new GossipEffect.ReportViolation(GossipViolation.MalformedDigest, B)], effects);
    }

    [Theory]
    [InlineData(3, new[] { 0 })]
    [InlineData(1, new[] { 8 })]
    [InlineData(1, new[] { -1 })]
    [InlineData(1, new[] { 2, 1 })]
    [InlineData(1, new[] { 2, 2 })]
    public void Contexts_of_buckets_that_cannot_be_are_counted_and_not_used(int bucketsPerShard, int[] buckets)
    {
        var core = Synced(null, B);
        core.Hold(Replica(B), 0);

        var effects = core.Receive(
            B, new GossipMessage.DigestContexts(bucketsPerShard, [.. buckets], [new(Replica(B), 5)], Reply: true, Synced: true));

        Assert.Equal([new GossipEffect.ReportViolation(GossipViolation.MalformedDigest, B)], effects);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(63, 1)]
    [InlineData(64, 2)]
    [InlineData(128, 4)]
    [InlineData(300, 8)]
    public void The_buckets_follow_the_number_of_live_nodes(int peers, int bucketsPerShard)
    {
        var core = Synced(null, [.. ManyNodes(peers)]);

        Assert.Equal(bucketsPerShard, BucketsOf(core, from: ManyNodes(1)[0]).BucketsPerShard);
    }

    [Fact]
    public void A_digest_message_is_bounded_and_the_rest_of_the_buckets_comes_later()
    {
        var nodes = ManyNodes(900);
        var core = Synced(null, B);
        foreach (var node in nodes)
        {
            for (var shard = 0; shard < ShardCount; shard++)
            {
                core.Hold(Replica(node, shard), 5);
            }

            core.Give(new GossipInput.PeerUp(node));
        }

        var named = new SortedSet<ReplicaId>();
        for (var round = 0; round < 100 && named.Count < 900 * ShardCount; round++)
        {
            var effects = core.Receive(B, new GossipMessage.DigestBuckets(1, [0, 0, 0, 0, 0, 0, 0, 0], Synced: true));
            var contexts = Assert.Single(effects.Sent<GossipMessage.DigestContexts>(B));
            Assert.InRange(contexts.Contexts.Sum(context => 48 + context.Replica.Node.Address.Length), 1, 56 * 1024);
            Assert.Equal(16, contexts.BucketsPerShard);
            named.UnionWith(contexts.Contexts.Select(context => context.Replica));
        }

        Assert.Equal(900 * ShardCount, named.Count);
    }

    [Fact]
    public void A_bucket_that_alone_is_too_large_is_cut()
    {
        var core = Synced(new GossipOptions { DigestBytesMax = 500 }, B);
        foreach (var node in ManyNodes(50))
        {
            core.Hold(Replica(node), 5);
        }

        Assert.InRange(ContextsIn(core, bucket: 0).Length, 1, 10);
    }

    [Fact]
    public void The_first_digest_of_a_peer_is_handed_on_once_when_it_has_been_read_to_the_end()
    {
        var core = Synced();
        core.Hold(Replica(B, shard: 0), 5);
        core.Give(new GossipInput.PeerUp(B));
        var other = Synced(null, D);
        other.Hold(Replica(B, shard: 0), 9);
        other.Hold(Replica(B, shard: 1), 3);
        other.Hold(Replica(B, shard: 2), 6);
        core.Hold(Replica(B, shard: 2), 6);

        Assert.Empty(core.Receive(B, BucketsOf(other, from: D)).OfType<GossipEffect.ShowTarget>());
        Assert.Empty(Contexts(0, new(Replica(B, shard: 0), 9), new(Replica(C), 4)).OfType<GossipEffect.ShowTarget>());
        var target = Assert.Single(Contexts(1, new ReplicaContext(Replica(B, shard: 1), 3)).OfType<GossipEffect.ShowTarget>());

        Assert.Equal(B, target.Node);
        Assert.Equal<ReplicaContext>(
            [new(Replica(B, shard: 0), 9), new(Replica(B, shard: 1), 3), new(Replica(B, shard: 2), 6)], target.Contexts);
        Assert.Empty(Contexts(1, new ReplicaContext(Replica(B, shard: 1), 4)).OfType<GossipEffect.ShowTarget>());

        List<GossipEffect> Contexts(int bucket, params ReplicaContext[] contexts) =>
            core.Receive(B, new GossipMessage.DigestContexts(1, [bucket], [.. contexts], Reply: false, Synced: true));
    }

    [Fact]
    public void A_peer_that_returns_is_read_anew_and_an_equal_root_means_that_its_contexts_are_ours()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B, shard: 0), 5);
        core.Hold(Replica(B, shard: 1), 0);
        core.Hold(Replica(C), 7);
        core.Give(new GossipInput.PeerGone(B));
        core.Give(new GossipInput.PeerUp(B));

        var effects = core.Receive(B, new GossipMessage.DigestRoot(RootOf(core, D), 0, Synced: true));

        Assert.Equal<ReplicaContext>([new(Replica(B, shard: 0), 5)], Assert.Single(effects.OfType<GossipEffect.ShowTarget>()).Contexts);
    }

    private static NodeId[] ManyNodes(int count) => [.. Enumerable.Range(0, count).Select(i => Node($"10.0.{i / 250}.{i % 250}:4053", counter: 1_000))];

    private static ImmutableArray<ReplicaContext> ContextsIn(CoreDriver core, int bucket) =>
        core.Receive(B, new GossipMessage.DigestContexts(1, [bucket], [], Reply: true, Synced: true))
            .Sent<GossipMessage.DigestContexts>(B).Single().Contexts;

    private static ulong RootOf(CoreDriver core) => RootOf(core, Node("a node that asks", counter: 1));

    private static ulong RootOf(CoreDriver core, NodeId asking)
    {
        var root = core.Give(new GossipInput.PeerUp(asking)).Sent<GossipMessage.DigestRoot>(asking).Single().Root;
        core.Give(new GossipInput.PeerGone(asking));
        return root;
    }

    private static GossipMessage.DigestBuckets BucketsOf(CoreDriver core, NodeId? from = null) =>
        core.Receive(from ?? B, new GossipMessage.DigestRoot(RootOf(core) + 1, 0, Synced: true)).Sent<GossipMessage.DigestBuckets>().Single();
}
