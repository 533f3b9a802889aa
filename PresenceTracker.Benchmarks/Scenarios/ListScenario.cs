using System.Collections.Concurrent;
using System.Diagnostics;
using PresenceTracker.Benchmarks.Results;
using PresenceTracker.Benchmarks.Stores;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Benchmarks.Scenarios;

/// <summary>How many times a second a topic is listed, and read through, alone and while others write.</summary>
internal sealed class ListScenario : Scenario
{
    private const int WritesPerSecond = 5_000;
    private const int WritersMax = 64;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private static readonly int[] Sizes = [10, 1_000, 10_000];

    public override string Name => "W2";

    public override string Title => "Lists of a topic, a second";

    public override string Method =>
        $"A caller lists a topic and reads every key of it, for {Duration.TotalSeconds} s; the floor copies the topic, for a reader must not see half of a change. Then two callers do while {WritesPerSecond:n0} presences a second are tracked and untracked in it.";

    public override async Task<IReadOnlyList<ScenarioLine>> RunAsync(Action<string> progress)
    {
        List<ScenarioLine> lines = [];
        foreach (var size in Sizes)
        {
            var presences = Presences.Make(size + WritesPerSecond, topics: 1);
            var topic = presences[0].Topic;
            await using var tracker = await TrackerStore.StartAsync();
            await using var floor = new FloorStore();
            await Callers.RunAsync(64, presences[..size], tracker.TrackAsync);
            await Callers.RunAsync(64, presences[..size], floor.TrackAsync);
            progress($"lists of {size:n0}");
            var ours = await ReadAsync(1, () => ReadThrough(tracker.Tracker.List(topic)));
            var theirs = await ReadAsync(1, () => ReadThrough(floor.List(topic)));
            lines.Add(new ScenarioLine($"list of {size:n0}, 1 caller", "/s", ours.Rate, [new PeerValue("floor", theirs.Rate)], [Bar.AtLeast("of the floor", ours.Rate / theirs.Rate, 1)]));

            progress($"lists of {size:n0} under writes");
            var (oursUnder, written) = await UnderWritesAsync(tracker, presences[size..], () => ReadThrough(tracker.Tracker.List(topic)));
            var (theirsUnder, _) = await UnderWritesAsync(floor, presences[size..], () => ReadThrough(floor.List(topic)));
            lines.Add(new ScenarioLine(
                $"list of {size:n0}, 2 callers, {WritesPerSecond:n0} writes/s", "/s", oursUnder.Rate, [new PeerValue("floor", theirsUnder.Rate)],
                [Bar.AtLeast("of the floor", oursUnder.Rate / theirsUnder.Rate, 1), Bar.AtLeast("of the writes asked for", written / WritesPerSecond, 0.99)]));
            var two = await ReadAsync(2, () => ReadThrough(tracker.Tracker.List(topic)));
            lines.Add(new ScenarioLine(
                $"list of {size:n0}, 2 callers, p99", " µs", oursUnder.Percentile99, [new PeerValue("alone", two.Percentile99)],
                [Bar.AtMost("under writes against alone", oursUnder.Percentile99 / two.Percentile99, 2)]));
        }

        return lines;
    }

    private static int ReadThrough(TopicView view)
    {
        var characters = 0;
        foreach (var presence in view)
        {
            characters += presence.Key.Length;
        }

        return characters;
    }

    private static int ReadThrough(KeyValuePair<(string Key, string Owner), byte[]>[] copy)
    {
        var characters = 0;
        foreach (var (id, _) in copy)
        {
            characters += id.Key.Length;
        }

        return characters;
    }

    private static async Task<(Reads Reads, double WritesPerSecond)> UnderWritesAsync(IPresenceStore store, PresenceKey[] presences, Func<int> read)
    {
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() => WriteAsync(store, presences, stop.Token));
        var reads = await ReadAsync(2, read);
        await stop.CancelAsync();
        return (reads, await writer);
    }

    /// <summary>Tracks and untracks at the pace that is asked for, or as fast as the store can with so many on their way.</summary>
    private static async Task<double> WriteAsync(IPresenceStore store, PresenceKey[] presences, CancellationToken stop)
    {
        using var places = new SemaphoreSlim(WritersMax);
        var clock = Stopwatch.StartNew();
        var written = 0;
        while (!stop.IsCancellationRequested)
        {
            if (written >= clock.Elapsed.TotalSeconds * WritesPerSecond)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                continue;
            }

            await places.WaitAsync(CancellationToken.None);
            _ = WriteOneAsync(written++);
        }

        var rate = written / clock.Elapsed.TotalSeconds;
        for (var i = 0; i < WritersMax; i++)
        {
            await places.WaitAsync(CancellationToken.None);
        }

        return rate;

        async Task WriteOneAsync(int number)
        {
            var presence = presences[number / 2 % presences.Length];
            await (number % 2 == 0 ? store.TrackAsync(presence) : store.UntrackAsync(presence));
            places.Release();
        }
    }

    private static async Task<Reads> ReadAsync(int callers, Func<int> read)
    {
        var times = new ConcurrentBag<List<long>>();
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed < Duration / 6)
        {
            read();
        }

        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() =>
        {
            var own = new List<long>(1 << 20);
            long now;
            for (var before = Stopwatch.GetTimestamp(); clock.Elapsed < Duration; before = now)
            {
                read();
                now = Stopwatch.GetTimestamp();
                own.Add(now - before);
            }

            times.Add(own);
        })));
        var seconds = clock.Elapsed.TotalSeconds;
        var all = times.SelectMany(own => own).Order().ToList();
        return new Reads(all.Count / seconds, all[(int)(all.Count * 0.99)] * 1e6 / Stopwatch.Frequency);
    }

    /// <param name="Percentile99">In µs.</param>
    private sealed record Reads(double Rate, double Percentile99);
}
