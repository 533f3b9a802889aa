using System.Diagnostics;
using PresenceTracker.Benchmarks.Results;
using PresenceTracker.Benchmarks.Stores;

namespace PresenceTracker.Benchmarks.Scenarios;

/// <summary>How many times a second one key is looked up, a topic counted, and a key's topics found.</summary>
internal sealed class LookUpScenario : Scenario
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);
    private static readonly int[] Sizes = [10, 10_000];

    public override string Name => "W3";

    public override string Title => "Look-ups, a second";

    public override string Method =>
        $"A caller looks up one key after the other, counts the topic, and asks in which topics a key is, for {Duration.TotalSeconds} s each, in a topic of 10 and one of 10,000. The floor looks up one entry by its key and owner.";

    public override async Task<IReadOnlyList<ScenarioLine>> RunAsync(Action<string> progress)
    {
        List<ScenarioLine> lines = [];
        Dictionary<string, double> before = [];
        foreach (var size in Sizes)
        {
            var presences = Presences.Make(size, topics: 1);
            await using var store = await TrackerStore.StartAsync();
            await using var floor = new FloorStore();
            await Callers.RunAsync(64, presences, store.TrackAsync);
            await Callers.RunAsync(64, presences, floor.TrackAsync);
            progress($"look-ups in {size:n0}");
            var tracker = store.Tracker;
            var lookUp = Measure(presences, presence => floor.Find(presence.Topic, presence.Key, presence.Owner)!.Length);
            foreach (var (what, rate) in new (string, double)[]
            {
                ("get by key", Measure(presences, presence => tracker.GetByKey(presence.Topic, presence.Key).Count)),
                ("count", Measure(presences, presence => tracker.Count(presence.Topic).Metas)),
                ("topics of a key", Measure(presences, presence => tracker.TopicsOf(presence.Key).Count)),
            })
            {
                List<Bar> bars = [Bar.AtLeast("of the floor's look-up", rate / lookUp, 0.3)];
                if (before.TryGetValue(what, out var small))
                {
                    bars.Add(Bar.AtLeast($"of the rate in {Sizes[0]}", rate / small, 0.5));
                }

                before[what] = rate;
                lines.Add(new ScenarioLine($"{what}, topic of {size:n0}", "/s", rate, [new PeerValue("floor", lookUp)], [.. bars]));
            }
        }

        return lines;
    }

    private static double Measure(PresenceKey[] presences, Func<PresenceKey, int> read)
    {
        Count(presences, read, Duration / 4);
        return Count(presences, read, Duration);
    }

    private static double Count(PresenceKey[] presences, Func<PresenceKey, int> read, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        long reads = 0;
        while (clock.Elapsed < duration)
        {
            // The clock costs as much as a look-up.
            for (var i = 0; i < 1_000; i++)
            {
                read(presences[reads++ % presences.Length]);
            }
        }

        return reads / clock.Elapsed.TotalSeconds;
    }
}
