using PresenceTracker;
using PresenceTracker.Protocol.Presences;

namespace GameServer;

/// <summary>The rooms of the game. Each is a topic, the players in it are the keys.</summary>
internal static class Room
{
    public static readonly string[] Names = ["arena", "castle", "swamp"];

    public static string Any() => Random.Shared.GetItems(Names, 1)[0];

    /// <summary>Prints who comes and who goes, on whichever server they play.</summary>
    public static async Task ReportAsync(Tracker tracker, string room)
    {
        await using var subscription = await tracker.SubscribeAsync(room);
        Console.WriteLine($"{room,-6} {subscription.Snapshot.KeyCount} players");
        await foreach (var diff in subscription.Diffs())
        {
            foreach (var e in diff.Events)
            {
                Console.WriteLine($"{room,-6} {Describe(e),-40} {diff.After.KeyCount} players");
            }
        }
    }

    private static string Describe(PresenceEvent e)
    {
        var level = e.Presence.Meta.As<PlayerMeta>()!.Level;
        return e.Kind switch
        {
            PresenceEventKind.Joined => $"+ {e.Presence.Key} joined at level {level}",
            PresenceEventKind.Left => $"- {e.Presence.Key} left ({e.Reason})",
            _ => $"^ {e.Presence.Key} is at level {level} now",
        };
    }
}
