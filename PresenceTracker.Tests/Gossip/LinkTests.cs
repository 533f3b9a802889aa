using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

/// <summary>In a large cluster the gossip speaks to neighbours, and changes are broadcast.</summary>
public sealed class LinkTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Where_there_are_links_a_change_is_published_and_not_pushed_until_there_are_none()
    {
        var core = Synced(null, B, C);
        core.Give(new GossipInput.LinksChanged([B]));
        var change = Delta(Replica(Self), 0, 1);

        Assert.Equal([new GossipEffect.Publish(change)], core.Push(change));

        core.Give(new GossipInput.LinksChanged(null));
        Assert.Equal([B, C], core.Push(Delta(Replica(Self), 1, 2)).Receivers<GossipMessage.Push>().Order());
    }

    [Fact]
    public void Rounds_are_held_with_neighbours_and_one_in_ten_with_somebody_else_too()
    {
        var peers = Enumerable.Range(0, 20).Select(i => Node($"peer{i:00}", counter: 1_000)).ToArray();
        var core = Synced(null, peers);
        core.Give(new GossipInput.LinksChanged([peers[3], peers[7]]));
        core.Hold(Replica(peers[0]), 0);
        core.Advance(10 * Second);
        var before = core.Rounds;
        var roots = new List<NodeId>();
        for (var i = 1ul; i <= 400; i++)
        {
            core.Give(new GossipInput.ContextMoved(Replica(peers[0]), At(i)));
            roots.AddRange(core.Advance(0.1 * Second).Receivers<GossipMessage.DigestRoot>());
        }

        // Five times slower than rounds with all.
        var rounds = core.Rounds - before;
        Assert.InRange(rounds, 40_000 / 1_100, 40_000 / 900);
        Assert.Equal(2 * rounds, roots.Count(peer => peer == peers[3] || peer == peers[7]));
        Assert.InRange(roots.Count(peer => peer != peers[3] && peer != peers[7]), (int)(rounds / 10), (int)(rounds / 10) + 1);
    }

    [Fact]
    public void What_a_broadcast_brings_goes_to_its_shard_and_what_lacks_before_it_is_asked_of_the_neighbour_that_passed_it_on()
    {
        var core = Synced(null, B, C);
        core.Hold(Replica(D), 1);
        var change = Delta(Replica(D), 4, 5);

        Assert.Equal(
            [new GossipEffect.DeliverDots(change, B, PushNumber: 0, IsBroadcast: true)], core.Give(new GossipInput.BroadcastReceived(B, change)));

        var pull = Assert.Single(core.Give(new GossipInput.GapFound(Replica(D), B)).Sent<GossipMessage.Pull>(B));
        Assert.Equal(Replica(D), pull.Replica);
    }

    [Fact]
    public void A_broadcast_of_a_replica_that_is_not_known_is_dropped_and_of_the_own_one_counted()
    {
        var core = Synced(null, B);
        core.Hold(Replica(Self), 3);

        Assert.Empty(core.Give(new GossipInput.BroadcastReceived(B, Delta(Replica(D), 0, 1))));
        Assert.Equal(
            [new GossipEffect.ReportViolation(GossipViolation.OwnReplica, B)],
            core.Give(new GossipInput.BroadcastReceived(B, Delta(Replica(Self), 3, 4))));
    }
}
