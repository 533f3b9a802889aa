using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

/// <summary>What the core tells those who watch over it.</summary>
public sealed class ProgressTests
{
    [Fact]
    public void What_was_heard_of_and_not_applied_is_the_lag_whoever_told_of_it()
    {
        var core = Synced(null, B, C);
        core.Hold(Replica(B), 5);
        core.Hold(Replica(B, shard: 1), 0);
        core.Hold(Replica(C), 3);

        core.Receive(B, new GossipMessage.Push(1, Delta(Replica(B), 5, 7)));
        Assert.Equal((2, 0), (LagOf(core, B), LagOf(core, C)));

        core.Receive(C, Told(new(Replica(B, shard: 1), 4), new(Replica(B), 6), new(Replica(C), 3)));
        Assert.Equal((6, 0), (LagOf(core, B), LagOf(core, C)));

        core.Receive(B, new GossipMessage.PullReply(99, Replica(C), Delta(Replica(C), 3, 4, horizon: 10), Last: true));
        Assert.Equal((6, 7), (LagOf(core, B), LagOf(core, C)));

        core.Give(new GossipInput.ContextMoved(Replica(B), At(6)));
        core.Give(new GossipInput.ContextMoved(Replica(C), At(10)));
        Assert.Equal((5, 0), (LagOf(core, B), LagOf(core, C)));
        core.Give(new GossipInput.ReplicaRemoved(Replica(B, shard: 1)));
        Assert.Equal(1, LagOf(core, B));
        core.Give(new GossipInput.PeerGone(B));
        Assert.Equal([C], core.Progress().Select(peer => peer.Peer));
    }

    [Fact]
    public void What_no_peer_says_or_is_our_own_or_is_not_held_is_no_lag()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B), 5);
        core.Hold(Replica(Self), 5);

        core.Receive(C, Told(new ReplicaContext(Replica(B), 9)));
        core.Receive(B, Told(new(Replica(Self), 9), new(Replica(C), 9)));
        core.Receive(B, new GossipMessage.DigestContexts(3, [0], [new(Replica(B), 9)], Reply: false, Synced: true));

        Assert.Equal(new PeerProgress(B, 0, TimeSpan.Zero, 0, 0, IsBlocked: false), Assert.Single(core.Progress()));
    }

    [Fact]
    public void The_time_behind_is_that_of_the_same_operations_and_not_that_of_a_steady_load()
    {
        var core = Synced(null, B);
        core.Hold(Replica(B), 0);
        for (var context = 1UL; context <= 50; context++)
        {
            core.Receive(B, Told(new ReplicaContext(Replica(B), context)));
            core.Give(new GossipInput.ContextMoved(Replica(B), At(context - 1)));
            core.Advance(TimeSpan.FromMilliseconds(100));
            Assert.InRange(core.Progress().Single().Behind, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
        }

        core.Advance(TimeSpan.FromSeconds(3));
        Assert.InRange(core.Progress().Single().Behind, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.2));
        core.Give(new GossipInput.ContextMoved(Replica(B), At(50)));
        Assert.Equal(TimeSpan.Zero, core.Progress().Single().Behind);
    }

    [Fact]
    public void Unacknowledged_pushes_are_told_and_to_look_at_them_changes_nothing()
    {
        var core = Synced(null, B);
        core.Push(Delta(Replica(Self), 0, 1, bytes: 1_000), Delta(Replica(Self), 1, 2));
        var progress = core.Progress().Single();
        Assert.Equal((2, false), (progress.UnacknowledgedPushes, progress.IsBlocked));
        Assert.InRange(progress.UnacknowledgedBytes, 1_000, 1_500);

        core.Give(new GossipInput.MessageReceived(B, new GossipMessage.PushAck(1)));
        Assert.Equal(1, core.Progress().Single().UnacknowledgedPushes);

        // Nothing is sent meanwhile: the timers are not fired.
        core.Wait(TimeSpan.FromSeconds(2));
        Assert.True(core.Progress().Single().IsBlocked);
        var effects = core.Receive(B, new GossipMessage.PushAck(2));
        Assert.Empty(effects.Sent<GossipMessage.DigestRoot>());
        Assert.False(core.Progress().Single().IsBlocked);
    }

    [Fact]
    public void Rounds_are_counted()
    {
        var core = Synced(null, B);

        core.Advance(TimeSpan.FromSeconds(1));

        Assert.InRange(core.Rounds, 4, 7);
    }

    private static GossipMessage.DigestContexts Told(params ReplicaContext[] contexts) =>
        new(1, [0, 1], [.. contexts], Reply: false, Synced: true);

    private static int LagOf(CoreDriver core, NodeId node) => (int)core.Progress().Single(peer => peer.Peer == node).Lag;
}
