using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Samples;

[Collection(PatientProcessCollection.Name)]
public sealed class GameServerTests
{
    private static readonly string[] Rooms = ["arena", "castle", "swamp"];

    [Fact]
    public async Task Its_players_are_seen_on_other_nodes_and_gone_with_it()
    {
        await using var game = SampleProcess.Start("GameServer");
        var address = (await game.PrintsAsync(@"^Game server (\S+:\d+)\.")).Groups[1].Value;
        await game.PrintsAsync(@"\+ player-\w+ joined at level \d");

        var options = new PresenceTrackerOptions { NodePort = 0, Seeds = { address } };
        await using var node = PresenceNode.Start(options);
        await node.Tracker.Ready.InTime();
        await Expect.UntilAsync(() => Rooms.Sum(room => node.Tracker.Count(room).Keys) >= 4, "players are listed");
        var subscriptions = await Task.WhenAll(Rooms.Select(room => node.Tracker.SubscribeAsync(room)));
        var left = Task.WhenAny(subscriptions.Select(NodeLeftAsync));

        game.Terminate();
        await game.ExitedAsync();

        // Players come and go by themselves, so it is not known in which rooms some were.
        await (await left.InTime());
        await Expect.UntilAsync(() => Rooms.All(room => node.Tracker.Count(room).Keys == 0), "no player is listed");
    }

    private static async Task NodeLeftAsync(Subscription subscription)
    {
        await foreach (var diff in subscription.Diffs())
        {
            if (diff.Leaves.Any(leave => leave.Reason == LeaveReason.NodeLeft))
            {
                return;
            }
        }
    }
}
