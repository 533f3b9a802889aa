using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Cluster;

public sealed class TwoNodesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_one_node_tracks_the_other_lists_and_its_subscribers_see()
    {
        await using var a = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });
        var options = new PresenceTrackerOptions { NodePort = 0 };
        options.Seeds.Add(a.Tracker.Self.Address);
        await using var b = PresenceNode.Start(options);
        await b.Tracker.Ready.WaitAsync(Patience);
        await using var subscription = await b.Tracker.SubscribeAsync("room:1");

        var owner = Owner.Lease(TimeSpan.FromHours(1));
        var result = await a.Tracker.TrackAsync("room:1", "alice", owner, new { status = "online" });

        Assert.Equal(TrackStatus.Tracked, result.Status);
        var seen = await NextAsync(subscription);
        Assert.Equal(["alice"], seen.KeysJoined);
        Assert.Equal(result.Ref, Assert.Single(b.Tracker.List("room:1")).Ref);

        await a.Tracker.UpdateAsync("room:1", "alice", owner, new { status = "away" });
        seen = await NextAsync(subscription);
        Assert.Equal(PresenceEventKind.Updated, Assert.Single(seen.Events).Kind);

        await a.Tracker.LeaveAsync();
        seen = await NextAsync(subscription);
        Assert.Equal(LeaveReason.NodeLeft, Assert.Single(seen.Events).Reason);
        Assert.Empty(b.Tracker.List("room:1"));
    }

    [Fact]
    public async Task A_seed_may_be_named_by_another_spelling_of_its_host()
    {
        await using var a = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });
        var options = new PresenceTrackerOptions { NodePort = 0 };
        options.Seeds.Add(a.Tracker.Self.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        await using var b = PresenceNode.Start(options);

        await b.Tracker.Ready.WaitAsync(Patience);

        Assert.Equal([b.Tracker.Self, a.Tracker.Self], b.Tracker.Nodes.Select(node => node.Node));
    }

    private static async Task<TopicDiff> NextAsync(PresenceTracker.Subscriptions.Subscription subscription)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var diff in subscription.Diffs(patience.Token))
        {
            return diff;
        }

        throw new InvalidOperationException("the subscription ended");
    }
}
