using System.Collections.Immutable;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

public sealed class SyncedTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly GossipEffect.BecameSynced AmongPeers = new(Alone: false);
    private static readonly GossipEffect.BecameSynced ByItself = new(Alone: true);

    [Fact]
    public void Without_seeds_a_node_is_synced_at_once_and_not_called_alone()
    {
        var core = new CoreDriver();
        Assert.Empty(core.Give(new GossipInput.SeedsPending(0)).TimesSynced());

        Assert.Equal([AmongPeers], core.Give(new GossipInput.Started()).TimesSynced());
    }

    [Fact]
    public void A_node_whose_only_seed_was_itself_is_synced_when_it_learns_so()
    {
        var core = Joiner(seeds: 1);

        Assert.Equal([AmongPeers], core.Give(new GossipInput.SeedsPending(0)).TimesSynced());
    }

    [Fact]
    public void With_seeds_and_no_answer_a_node_is_synced_alone_after_10_s()
    {
        var core = Joiner(seeds: 2);

        Assert.Empty(core.Advance(9.99 * Second).TimesSynced());
        Assert.Equal([ByItself], core.Advance(0.01 * Second).TimesSynced());
    }

    [Fact]
    public void A_node_that_was_alone_says_so_no_longer_when_a_peer_appears_and_stays_synced()
    {
        var core = Joiner(seeds: 2);
        core.Advance(10 * Second);

        var effects = core.Give(new GossipInput.PeerUp(B));
        Assert.Equal([AmongPeers], effects.TimesSynced());
        Assert.True(Assert.Single(effects.Sent<GossipMessage.DigestRoot>()).Synced);

        Assert.Empty(core.Receive(B, new GossipMessage.DigestEqual(Synced: false)).TimesSynced());
        Assert.Empty(core.Give(new GossipInput.PeerGone(B)).TimesSynced());
        Assert.Empty(core.Advance(30 * Second).TimesSynced());
    }

    [Fact]
    public void The_wait_for_a_peer_begins_anew_when_the_only_one_is_gone()
    {
        var core = Joiner(seeds: 1);
        core.Advance(5 * Second);
        core.Give(new GossipInput.PeerUp(B));
        core.Give(new GossipInput.SeedsPending(0));
        core.Advance(4 * Second);
        Assert.Empty(core.Give(new GossipInput.PeerGone(B)).TimesSynced());

        Assert.Empty(core.Advance(9.99 * Second).TimesSynced());
        Assert.Equal([ByItself], core.Advance(0.01 * Second).TimesSynced());
    }

    [Fact]
    public void An_equal_root_of_a_synced_peer_is_enough()
    {
        var answered = Joiner(seeds: 1, B);
        Assert.Equal([AmongPeers], Equal(answered, B, isSynced: true).TimesSynced());

        var asked = Joiner(seeds: 1, B);
        Assert.Equal([AmongPeers], asked.Receive(B, new GossipMessage.DigestRoot(0, 0, Synced: true)).TimesSynced());
    }

    [Fact]
    public void An_unequal_root_is_not_enough()
    {
        var core = Joiner(seeds: 1, B);

        Assert.Empty(core.Receive(B, new GossipMessage.DigestRoot(12345, 0, Synced: true)).TimesSynced());
    }

    [Fact]
    public void The_contexts_that_a_synced_peer_had_must_all_be_reached()
    {
        var core = Joiner(seeds: 1, B);
        core.Hold(Replica(B), 0);
        core.Hold(Replica(B, shard: 1), 0);
        Assert.Empty(Read(core, B, isSynced: true, new(Replica(B), 10), new(Replica(B, shard: 1), 20)).TimesSynced());

        Assert.Empty(Move(core, Replica(B), 10).TimesSynced());
        Assert.Empty(Move(core, Replica(B, shard: 1), 19).TimesSynced());
        Assert.Equal([AmongPeers], Move(core, Replica(B, shard: 1), 20).TimesSynced());
    }

    [Fact]
    public void The_target_does_not_move_with_the_later_changes_of_a_peer()
    {
        var core = Joiner(seeds: 1, B);
        core.Hold(Replica(B), 0);
        Read(core, B, isSynced: true, new ReplicaContext(Replica(B), 10));
        Read(core, B, isSynced: true, new ReplicaContext(Replica(B), 1_000));

        Assert.Equal([AmongPeers], Move(core, Replica(B), 10).TimesSynced());
    }

    [Fact]
    public void A_peer_is_read_only_when_all_its_unequal_buckets_have_come()
    {
        var core = Joiner(seeds: 1, B);
        core.Hold(Replica(B), 10);
        core.Receive(B, new GossipMessage.DigestBuckets(1, [1, 2, 0, 0, 0, 0, 0, 0], Synced: true));

        var first = core.Receive(B, new GossipMessage.DigestContexts(1, [0], [new(Replica(B), 10)], Reply: false, Synced: true));
        Assert.Empty(first.TimesSynced());

        // The rest is asked for at once, without waiting for a round.
        Assert.Equal<int>([1], Assert.Single(first.Sent<GossipMessage.DigestContexts>(B)).Buckets);
        Assert.Equal(
            [AmongPeers],
            core.Receive(B, new GossipMessage.DigestContexts(1, [1], [], Reply: false, Synced: true)).TimesSynced());
    }

    [Fact]
    public void What_has_been_read_of_a_peer_stays_read_when_it_changes_meanwhile()
    {
        var core = Joiner(seeds: 1, B);
        core.Receive(B, new GossipMessage.DigestBuckets(1, [1, 2, 0, 0, 0, 0, 0, 0], Synced: true));
        core.Receive(B, new GossipMessage.DigestContexts(1, [0], [], Reply: false, Synced: true));
        core.Receive(B, new GossipMessage.DigestBuckets(1, [9, 2, 9, 0, 0, 0, 0, 0], Synced: true));

        Assert.Equal(
            [AmongPeers],
            core.Receive(B, new GossipMessage.DigestContexts(1, [1], [], Reply: false, Synced: true)).TimesSynced());
    }

    [Fact]
    public void Three_synced_peers_are_read_where_there_are_more()
    {
        var core = Joiner(seeds: 1, B, C, D, Node("e", counter: 500));

        Assert.Empty(Equal(core, B, isSynced: true).TimesSynced());
        Assert.Empty(Equal(core, B, isSynced: true).TimesSynced());
        Assert.Empty(Equal(core, C, isSynced: true).TimesSynced());
        Assert.Equal([AmongPeers], Equal(core, D, isSynced: true).TimesSynced());
    }

    [Fact]
    public void The_target_is_the_maximum_over_the_peers()
    {
        var core = Joiner(seeds: 1, B, C);
        core.Hold(Replica(D), 0);
        Read(core, B, isSynced: true, new ReplicaContext(Replica(D), 10));
        Assert.Empty(Move(core, Replica(D), 10).TimesSynced());
        Assert.Empty(Read(core, C, isSynced: true, new ReplicaContext(Replica(D), 12)).TimesSynced());
        Assert.Equal([AmongPeers], Move(core, Replica(D), 12).TimesSynced());
    }

    [Fact]
    public void Two_that_join_at_one_time_do_not_wait_for_each_other()
    {
        var core = Joiner(seeds: 1, B, C);
        Assert.Empty(Equal(core, B, isSynced: true).TimesSynced());

        Assert.Equal([AmongPeers], Equal(core, C, isSynced: false).TimesSynced());
    }

    [Fact]
    public void The_contexts_of_a_peer_that_is_not_synced_are_no_target_and_it_is_read_again_when_it_is()
    {
        var core = Joiner(seeds: 1, Node("elder", counter: 1));
        var elder = Node("elder", counter: 1);
        core.Hold(Replica(elder), 0);
        Read(core, elder, isSynced: false, new ReplicaContext(Replica(elder), 5));
        Assert.Empty(Move(core, Replica(elder), 5).TimesSynced());

        Assert.Empty(Read(core, elder, isSynced: true, new ReplicaContext(Replica(elder), 8)).TimesSynced());
        Assert.Equal([AmongPeers], Move(core, Replica(elder), 8).TimesSynced());
    }

    [Fact]
    public void A_replica_that_is_removed_leaves_the_target()
    {
        var core = Joiner(seeds: 1, B);
        core.Hold(Replica(D), 0);
        Read(core, B, isSynced: true, new ReplicaContext(Replica(D), 10));

        Assert.Equal([AmongPeers], core.Give(new GossipInput.ReplicaRemoved(Replica(D))).TimesSynced());
    }

    [Fact]
    public void A_replica_whose_node_is_not_known_yet_is_waited_for()
    {
        var core = Joiner(seeds: 1, B);
        Assert.Empty(Read(core, B, isSynced: true, new ReplicaContext(Replica(D), 10)).TimesSynced());
        core.Advance(1.5 * Second);
        core.Hold(Replica(D), 0);

        Assert.Empty(core.Advance(10 * Second).TimesSynced());
        Assert.Equal([AmongPeers], Move(core, Replica(D), 10).TimesSynced());
    }

    [Fact]
    public void A_replica_that_stays_unknown_is_waited_for_no_longer_than_2_s()
    {
        var core = Joiner(seeds: 1, B);
        Read(core, B, isSynced: true, new ReplicaContext(Replica(D), 10));

        Assert.Empty(core.Advance(1.99 * Second).TimesSynced());
        Assert.Equal([AmongPeers], core.Advance(0.01 * Second).TimesSynced());
    }

    [Fact]
    public void Among_nodes_that_all_start_anew_the_one_with_the_lowest_incarnation_is_synced_when_all_seeds_have_answered()
    {
        var core = Joiner(seeds: 2, B, C);
        Equal(core, B, isSynced: false);
        Assert.Empty(Equal(core, C, isSynced: false).TimesSynced());

        Assert.Empty(core.Give(new GossipInput.SeedsPending(1)).TimesSynced());
        Assert.Equal([AmongPeers], core.Give(new GossipInput.SeedsPending(0)).TimesSynced());
    }

    [Fact]
    public void With_a_seed_that_does_not_answer_the_lowest_waits_2_s_from_its_first_peer()
    {
        var core = Joiner(seeds: 2);
        core.Advance(3 * Second);
        core.Give(new GossipInput.PeerUp(B));
        core.Advance(1 * Second);
        Equal(core, B, isSynced: false);

        Assert.Empty(core.Advance(0.99 * Second).TimesSynced());
        Assert.Equal([AmongPeers], core.Advance(0.01 * Second).TimesSynced());
    }

    [Fact]
    public void The_lowest_waits_for_a_digest_of_every_peer()
    {
        var core = Joiner(seeds: 2, B, C);
        core.Give(new GossipInput.SeedsPending(0));
        Assert.Empty(Equal(core, B, isSynced: false).TimesSynced());
        Assert.Empty(core.Advance(5 * Second).TimesSynced());

        // A peer that never answers is one day gone.
        Assert.Equal([AmongPeers], core.Give(new GossipInput.PeerGone(C)).TimesSynced());
    }

    [Fact]
    public void A_node_that_is_not_the_lowest_waits_until_a_peer_is_synced()
    {
        var elder = Node("z", counter: 1);
        var core = Joiner(seeds: 1, elder, B);
        core.Give(new GossipInput.SeedsPending(0));
        Equal(core, elder, isSynced: false);
        Equal(core, B, isSynced: false);
        Assert.Empty(core.Advance(30 * Second).TimesSynced());

        Assert.Equal([AmongPeers], Equal(core, elder, isSynced: true).TimesSynced());
    }

    [Fact]
    public void Of_equal_incarnations_the_lower_address_goes_first()
    {
        var before = Joiner(seeds: 1, Self with { Address = "a" });
        before.Give(new GossipInput.SeedsPending(0));
        Assert.Empty(Equal(before, Self with { Address = "a" }, isSynced: false).TimesSynced());

        var after = Joiner(seeds: 1, Self with { Address = "z" });
        after.Give(new GossipInput.SeedsPending(0));
        Assert.Equal([AmongPeers], Equal(after, Self with { Address = "z" }, isSynced: false).TimesSynced());
    }

    [Fact]
    public void A_node_that_raised_its_incarnation_is_ordered_by_the_raised_one()
    {
        var core = Joiner(seeds: 1, B);
        var raised = Self with { Incarnation = Self.Incarnation with { Counter = 999 } };
        core.Hold(new ReplicaId(raised, 0, Epoch: 1), 0);
        core.Give(new GossipInput.SeedsPending(0));

        Assert.Empty(Equal(core, B, isSynced: false).TimesSynced());
    }

    [Fact]
    public void What_a_node_says_of_itself_in_every_digest_follows()
    {
        var core = Joiner(seeds: 1, B, C);
        core.Hold(Replica(B), 4);
        Assert.False(Assert.Single(core.Receive(B, new GossipMessage.DigestRoot(1, 0, Synced: false)).Sent<GossipMessage.DigestBuckets>()).Synced);

        Equal(core, B, isSynced: true);
        Equal(core, C, isSynced: true);
        Assert.True(Assert.Single(core.Receive(B, new GossipMessage.DigestRoot(1, 0, Synced: false)).Sent<GossipMessage.DigestBuckets>()).Synced);
    }

    [Fact]
    public void An_unsynced_node_goes_on_asking_however_quiet_it_is()
    {
        var core = Joiner(seeds: 1, B);
        core.Advance(20 * Second);

        Assert.InRange(core.Advance(Second).Sent<GossipMessage.DigestRoot>().Count, 4, 7);
    }

    private static CoreDriver Joiner(int seeds, params NodeId[] peers)
    {
        var core = new CoreDriver();
        core.Give(new GossipInput.SeedsPending(seeds));
        Assert.Empty(core.Give(new GossipInput.Started()).TimesSynced());
        foreach (var peer in peers)
        {
            core.Give(new GossipInput.PeerUp(peer));
        }

        return core;
    }

    private static List<GossipEffect> Equal(CoreDriver core, NodeId from, bool isSynced) =>
        core.Receive(from, new GossipMessage.DigestEqual(isSynced));

    /// <summary>The peer's hashes differ from ours in every bucket, and then all its contexts come.</summary>
    private static List<GossipEffect> Read(CoreDriver core, NodeId from, bool isSynced, params ReplicaContext[] contexts)
    {
        ImmutableArray<int> all = [0, 1, 2, 3, 4, 5, 6, 7];
        core.Receive(from, new GossipMessage.DigestBuckets(1, [.. all.Select(bucket => 1_000ul + (ulong)bucket)], isSynced));
        return core.Receive(from, new GossipMessage.DigestContexts(1, all, [.. contexts], Reply: false, isSynced));
    }

    private static List<GossipEffect> Move(CoreDriver core, ReplicaId replica, ulong context) =>
        core.Give(new GossipInput.ContextMoved(replica, At(context)));
}
