using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Cluster;

public sealed class NodeStatusTests
{
    private const string Quiet = "akka.loglevel = OFF";

    [Fact]
    public async Task Each_node_tells_what_it_lists_of_each_and_what_went_between_them()
    {
        await using var a = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = Quiet });
        await using var b = PresenceNode.Start(
            new PresenceTrackerOptions { NodePort = 0, Seeds = { a.Tracker.Self.Address }, Hocon = Quiet });
        await b.Tracker.Ready.InTime();
        var owner = Owner.Connection("c1");

        await a.Tracker.TrackManyAsync([.. Enumerable.Range(0, 300).Select(i => new TrackRequest($"room:{i % 30}", $"user {i}", owner, Meta.Empty))]);
        await b.Tracker.TrackAsync("room:1", "bob", owner);
        await a.Tracker.UntrackAsync("room:1", "user 1", owner);
        await a.Tracker.UpdateAsync("room:2", "user 2", owner, new { n = 1 });

        foreach (var tracker in (Tracker[])[a.Tracker, b.Tracker])
        {
            await Expect.UntilAsync(
                () => Seen(tracker, a) == (299, 300 + 2, 0) && Seen(tracker, b) == (1, 1, 0),
                $"299 presences of A after 302 operations and one of B at {tracker.Self.Address}", () => string.Join('\n', tracker.Nodes));
            Assert.Equal((default, default), (tracker.Nodes[0].Sent, tracker.Nodes[0].Received));
        }

        var (fromA, fromB) = (Of(a.Tracker, b), Of(b.Tracker, a));
        Assert.All(
            (NodeTraffic[])[fromA.Sent, fromA.Received, fromB.Sent, fromB.Received],
            traffic => Assert.InRange(traffic.Bytes, traffic.Messages, traffic.Messages * 65_536));
        Assert.True(fromA.Sent.Bytes > 300 * 10, $"{fromA}");
        Assert.True(fromB.Received.Bytes > 300 * 10, $"{fromB}");

        await a.Tracker.LeaveAsync().InTime();
        await Expect.UntilAsync(() => b.Tracker.Nodes.Count == 1, "B to be alone");
        Assert.Equal((b.Tracker.Self, 1L), (b.Tracker.Nodes[0].Node, b.Tracker.Nodes[0].PresenceCount));
    }

    private static NodeStatus Of(Tracker tracker, PresenceNode node) => tracker.Nodes.Single(status => status.Node == node.Tracker.Self);

    private static (long Presences, ulong Operations, ulong Lag) Seen(Tracker tracker, PresenceNode node)
    {
        var status = Of(tracker, node);
        return (status.PresenceCount, status.Contexts.Aggregate(0UL, (sum, context) => sum + context), status.Lag);
    }
}
