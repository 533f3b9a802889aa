using PresenceTracker.Owners;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Many clients join and leave one room as fast as they can, over two nodes, while others watch it or come to watch it for a while.</summary>
internal static class RoomChurn
{
    private const string Room = "room:1";
    private const int Changers = 50;
    private const int Watchers = 10;
    private const int Visitors = 10;
    private const int MessagesOfVisit = 20;

    /// <summary>Fails if anybody was told something twice, or of somebody who was not there, or has another state at the end than the list.</summary>
    /// <returns>What happened, in words.</returns>
    public static async Task<string> RunAsync(HubApp first, HubApp second, TimeSpan time)
    {
        using var end = new CancellationTokenSource(time);
        HubApp[] apps = [first, second];
        var watchers = await ConnectAsync(Watchers, apps);
        await Task.WhenAll(watchers.Select((watcher, n) => watcher.JoinAsync($"watcher {n}")));
        var changers = await ConnectAsync(Changers, apps);
        var visitors = await ConnectAsync(Visitors, apps);
        var joins = 0;
        await Task.WhenAll(
            Task.WhenAll(changers.Select((changer, n) => ComeAndGoAsync(changer, $"user {n}", messages: 0))),
            Task.WhenAll(visitors.Select((visitor, n) => ComeAndGoAsync(visitor, $"visitor {n}", MessagesOfVisit))));

        // What the nodes have told each other by now comes before what follows.
        await Expect.UntilAsync(
            () => apps.All(app => app.Tracker.List(Room).MetaCount == Watchers), "all who left have left on both nodes",
            () => string.Join(", ", apps.Select(app => app.Tracker.List(Room).MetaCount)));
        await first.Tracker.TrackAsync(Room, "last", Owner.Lease(TimeSpan.FromHours(1)));
        await Expect.UntilAsync(() => second.Tracker.List(Room).Contains("last"), "the last is on both nodes");
        foreach (var (watcher, n) in watchers.Select((watcher, n) => (watcher, n)))
        {
            await watcher.EndsWithAsync("last", apps[n % apps.Length].Tracker.List(Room));
        }

        FoldingClient[] all = [.. watchers, .. changers, .. visitors];
        foreach (var client in all)
        {
            await client.DisposeAsync();
        }

        return $"{joins} joins and leaves of {Changers + Visitors} clients over two nodes in {time.TotalSeconds} s; " +
            $"{watchers.Sum(watcher => watcher.Messages)} messages to {Watchers} watchers, each folded to the list";

        async Task ComeAndGoAsync(FoldingClient client, string key, int messages)
        {
            while (!end.IsCancellationRequested)
            {
                await client.JoinAsync(key);
                var told = client.Messages + messages;
                await Expect.UntilAsync(() => end.IsCancellationRequested || client.Messages >= told, $"{messages} messages to {key}");
                await client.LeaveAsync();
                Interlocked.Increment(ref joins);
            }
        }
    }

    private static async Task<FoldingClient[]> ConnectAsync(int count, HubApp[] apps) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(n => FoldingClient.ConnectAsync(apps[n % apps.Length], Room)));
}
