using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using Xunit;
using static PresenceTracker.Tests.Broadcast.BroadcastDriver;

namespace PresenceTracker.Tests.Broadcast;

/// <summary>What is remembered, and for how long.</summary>
public sealed class BroadcastLimitTests
{
    private static readonly NodeId Ann = Node("ann");
    private static readonly NodeId Far = Node("far");

    [Fact]
    public void The_payloads_that_are_kept_are_bounded_by_number_bytes_and_age()
    {
        var node = new BroadcastDriver(new BroadcastOptions { StoredMax = 3, StoredBytesMax = 10, PayloadBytesMax = 10 });
        node.Connect(Ann);
        for (var sequence = 1UL; sequence <= 4; sequence++)
        {
            node.Receive(Ann, Payload(Far, sequence));
        }

        node.TakeRest();
        Assert.Equal([false, true, true, true], Kept(node, 4));
        node.Receive(Ann, Payload(Far, 5, bytes: 9));
        node.TakeRest();
        Assert.Equal([false, false, false, true, true], Kept(node, 5));

        node.Now += TimeSpan.FromSeconds(9);
        node.Receive(Ann, Payload(Far, 6));
        node.TakeRest();
        node.Now += TimeSpan.FromSeconds(1);
        node.Fire(node.Forget!);
        Assert.Equal([false, false, false, false, false, true], Kept(node, 6));
        node.Now += TimeSpan.FromSeconds(9);
        node.Fire(node.Forget!);
        Assert.DoesNotContain(true, Kept(node, 6));
    }

    [Fact]
    public void Of_an_origin_the_last_1024_broadcasts_are_told_apart_and_what_is_further_behind_counts_as_known()
    {
        var node = new BroadcastDriver();
        node.Connect(Ann);

        Assert.True(IsTaken(node, Far, 2_000));
        Assert.True(IsTaken(node, Far, 977));
        Assert.False(IsTaken(node, Far, 977));
        Assert.False(IsTaken(node, Far, 976));
        Assert.True(IsTaken(node, Far, 1_999));
        Assert.True(IsTaken(node, Far, 2_010));
        Assert.False(IsTaken(node, Far, 986));
        Assert.False(IsTaken(node, Far, 1_999));
        Assert.True(IsTaken(node, Far, 2_009));
        Assert.True(IsTaken(node, Far, 987));
        Assert.True(IsTaken(node, Far, 9_000));
        Assert.True(IsTaken(node, Far, 8_000));
        Assert.False(IsTaken(node, Far, 2_010));
    }

    [Fact]
    public void Beyond_the_origins_that_are_remembered_who_was_heard_of_longest_ago_is_forgotten()
    {
        var node = new BroadcastDriver(new BroadcastOptions { OriginsMax = 2 });
        node.Connect(Ann);
        Assert.True(IsTaken(node, Node("one"), 1));
        Assert.True(IsTaken(node, Node("two"), 1));
        Assert.True(IsTaken(node, Node("one"), 2));
        Assert.True(IsTaken(node, Node("three"), 1));

        Assert.False(IsTaken(node, Node("one"), 1));
        Assert.True(IsTaken(node, Node("two"), 1));
    }

    [Fact]
    public void No_more_is_waited_for_than_the_limit()
    {
        var node = new BroadcastDriver(new BroadcastOptions { MissingMax = 2 });
        node.Connect(Ann);

        node.Receive(Ann, IHave(Id(Far, 1), Id(Far, 2), Id(Far, 3)));

        Assert.Equal(Id(Far, 1), node.TakeTimer<BroadcastTimer.GraftDue>().Id);
        Assert.Equal(Id(Far, 2), node.TakeTimer<BroadcastTimer.GraftDue>().Id);
        node.TakeNothing();
        Assert.True(IsTaken(node, Far, 1));
        node.Receive(Ann, IHave(Id(Far, 3)));
        Assert.Equal(Id(Far, 3), node.TakeTimer<BroadcastTimer.GraftDue>().Id);
    }

    [Fact]
    public void As_many_announcements_as_fit_into_a_message_do_not_wait()
    {
        var node = new BroadcastDriver();
        node.Connect(Ann);
        node.Receive(Ann, new BroadcastMessage.Prune());
        for (var published = 0; published < BroadcastOptions.AnnouncementsMax; published++)
        {
            node.Publish([1]);
        }

        var due = node.TakeTimer<BroadcastTimer.AnnounceDue>();
        Assert.Equal(BroadcastOptions.AnnouncementsMax, node.TakeMessage<BroadcastMessage.IHave>(Ann).Announcements.Length);
        node.TakeNothing();
        node.Fire(due);
        node.TakeNothing();
    }

    private static bool IsTaken(BroadcastDriver node, NodeId origin, ulong sequence)
    {
        node.TakeRest();
        node.Receive(Ann, Payload(origin, sequence));
        if (node.Core.EagerPeers.Any())
        {
            Assert.Equal(Id(origin, sequence), node.Take<BroadcastEffect.Deliver>().Id);
            return true;
        }

        node.TakeMessage<BroadcastMessage.Prune>(Ann);
        node.TakeNothing();
        node.Receive(Ann, new BroadcastMessage.Graft(null));
        return false;
    }

    private static List<bool> Kept(BroadcastDriver node, ulong upTo)
    {
        var kept = new List<bool>();
        for (var sequence = 1UL; sequence <= upTo; sequence++)
        {
            node.Receive(Ann, new BroadcastMessage.Graft(Id(Far, sequence)));
            kept.Add(node.Any());
            node.TakeRest();
        }

        return kept;
    }
}
