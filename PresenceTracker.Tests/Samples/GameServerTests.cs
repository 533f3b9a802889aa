using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Samples;

[Collection(ProcessCollection.Name)]
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
        await Expect.UntilAsync(() => Rooms.Any(room => node.Tracker.Count(room).Keys > 0), "players are listed");
        var room = Rooms.First(room => node.Tracker.Count(room).Keys > 0);
        await using var subscription = await node.Tracker.SubscribeAsync(room);

        game.Terminate();
        await game.ExitedAsync();

        LeaveReason? reason = null;
        while (reason != LeaveReason.NodeLeft)
        {
            var diff = await subscription.NextAsync();
            reason = diff.Leaves.Select(leave => (LeaveReason?)leave.Reason).LastOrDefault();
        }

        await Expect.UntilAsync(() => Rooms.All(r => node.Tracker.Count(r).Keys == 0), "no player is listed");
    }
}
