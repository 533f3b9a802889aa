using System.Diagnostics;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Data;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>A year of seven real chat rooms, over three actor systems.</summary>
[Collection(ProcessCollection.Name)]
public sealed class RoomsTests(ITestOutputHelper output)
{
    private static readonly Owner Owner = Owner.Lease(TimeSpan.FromHours(24));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task At_the_end_of_each_day_of_a_year_every_node_lists_what_the_trace_folds_to()
    {
        await using var a = Start();
        await using var b = Start(a.Tracker.Self.Address);
        await using var c = Start(a.Tracker.Self.Address);
        Tracker[] nodes = [a.Tracker, b.Tracker, c.Tracker];
        await Task.WhenAll(nodes.Select(node => node.Ready.WaitAsync(Patience)));
        var folds = await Task.WhenAll(
            from node in nodes
            from room in Rooms2014.Rooms
            select FoldedTopic.SubscribeAsync(node, room));
        var expected = new RoomsFold();
        var began = Stopwatch.GetTimestamp();
        var (events, days, inQuiet) = (0, 0, TimeSpan.Zero);
        var operations = new ulong[nodes.Length];

        foreach (var day in Rooms2014.Days())
        {
            await ApplyAsync(nodes, day, operations);
            inQuiet += await QuietAsync(nodes, operations);
            events += day.Count;
            days++;
            day.ForEach(expected.Apply);
            AssertLists(nodes, expected, day[0].Day);
            Assert.Empty((await Task.WhenAll(folds.Select(fold => fold.CheckAsync(Patience)))).SelectMany(fold => fold.Faults));
        }

        var took = Stopwatch.GetElapsedTime(began);
        Figures.Print(
            output,
            $"rooms: {events} events of {days} days in {took.TotalSeconds:F1} s, {events / took.TotalSeconds:F0} events/s in all, " +
            $"{events / (took - inQuiet).TotalSeconds:F0} without the waits for quiet; " +
            $"after a day's last event all are equal within {inQuiet.TotalMilliseconds / days:F1} ms on average");
        Assert.Equal((171_169, 365), (events, days));
        Assert.Equal([39, 366, 219, 48, 334, 39, 41], Rooms2014.Rooms.Select(room => a.Tracker.Count(room).Keys));
        await Task.WhenAll(folds.Select(fold => fold.DisposeAsync().AsTask()));
    }

    private static PresenceNode Start(params string[] seeds)
    {
        var options = new PresenceTrackerOptions { NodePort = 0 };
        foreach (var seed in seeds)
        {
            options.Seeds.Add(seed);
        }

        return PresenceNode.Start(options);
    }

    /// <summary>A user is always on the same node, so that what it does stays in order.</summary>
    /// <param name="operations">By node, how many changes it has made so far.</param>
    private static async Task ApplyAsync(Tracker[] nodes, IEnumerable<RoomEvent> day, ulong[] operations)
    {
        List<(int Node, Task<TrackResult> Result)> pending = [];
        foreach (var e in day)
        {
            if (e.Left is { } left)
            {
                pending.Add((NodeOf(left), nodes[NodeOf(left)].UntrackAsync(e.Room, left, Owner)));
            }

            if (e.Joined is { } joined)
            {
                pending.Add((NodeOf(joined), nodes[NodeOf(joined)].TrackAsync(e.Room, joined, Owner)));
            }
        }

        foreach (var (node, result) in pending)
        {
            // Who joins twice or leaves without being there changes nothing.
            operations[node] += (await result).Status is TrackStatus.Tracked or TrackStatus.Untracked ? 1UL : 0;
        }

        int NodeOf(string user) => (int)(StableHash.Of(user) % (ulong)nodes.Length);
    }

    /// <summary>Waits until every node has applied every operation of every node.</summary>
    private static Task<TimeSpan> QuietAsync(Tracker[] nodes, ulong[] operations) =>
        Eventually.HoldsAsync($"{string.Join(' ', operations)} operations applied by all", Patience, () =>
        {
            var applied = nodes.Select(by => nodes.Select(of => AppliedBy(by, of.Self)).ToArray()).ToList();
            return Task.FromResult(applied.All(operations.SequenceEqual)
                ? null
                : string.Join("; ", applied.Select(by => string.Join(' ', by))));
        });

    // Two joiners may hear of each other a moment after each is ready.
    private static ulong AppliedBy(Tracker by, NodeId of) =>
        by.Nodes.Where(node => node.Node == of).SelectMany(node => node.Contexts).Aggregate(0UL, (sum, context) => sum + context);

    private static void AssertLists(Tracker[] nodes, RoomsFold expected, int day)
    {
        foreach (var node in nodes)
        {
            foreach (var room in Rooms2014.Rooms)
            {
                var view = node.List(room);
                Assert.True(expected.UsersOf(room).SequenceEqual(view.Keys, StringComparer.Ordinal), $"day {day}, {room} on {node.Self}");
                Assert.Equal(view.KeyCount, view.MetaCount);
            }
        }
    }
}
