using PresenceTracker.Benchmarks.Results;
using PresenceTracker.Benchmarks.Stores;

namespace PresenceTracker.Benchmarks.Scenarios;

/// <summary>How many presences a second are tracked and untracked, acknowledged.</summary>
internal sealed class TrackScenario : Scenario
{
    private const int Operations = 200_000;
    private const int ManyTopics = 10_000;
    private const int ManyCallers = 64;
    private const int BatchSize = 100;
    private const int Runs = 3;

    private static readonly Func<Task<IPresenceStore?>>[] Stores =
    [
        async () => await TrackerStore.StartAsync(),
        () => Task.FromResult<IPresenceStore?>(new FloorStore()),
        async () => await DistributedDataStore.StartAsync(isSet: false),
        async () => await DistributedDataStore.StartAsync(isSet: true),
        async () => await RedisStore.StartAsync(),
    ];

    public override string Name => "W1";

    public override string Title => "Presences tracked and untracked, a second";

    public override string Method =>
        $"Callers that each wait for the answer track {Operations:n0} presences, and untrack them again; the slower peers as many fewer as they are slower. Each store is new, and the middle of {Runs} runs counts, after one that warms up.";

    public override async Task<IReadOnlyList<ScenarioLine>> RunAsync(Action<string> progress)
    {
        List<ScenarioLine> lines = [];
        foreach (var (topics, callers) in ((int, int)[])[(1, 1), (1, 8), (1, ManyCallers), (ManyTopics, ManyCallers)])
        {
            lines.AddRange(await MeasureAsync(topics, callers, progress));
        }

        lines.Add(await MeasureBatchesAsync(progress));
        return lines;
    }

    private static async Task<IReadOnlyList<ScenarioLine>> MeasureAsync(int topics, int callers, Action<string> progress)
    {
        List<PeerValue> tracked = [];
        List<PeerValue> untracked = [];
        foreach (var start in Stores)
        {
            await using var probe = await start();
            if (probe is null)
            {
                continue;
            }

            progress($"{probe.Name}: {Shape(topics, callers)}");
            var presences = Presences.Make(Math.Max(callers, Operations / probe.Patience), topics);
            List<double> untrackRates = [];
            tracked.Add(new PeerValue(probe.Name, await Callers.MedianAsync(Runs, async () =>
            {
                await using var store = (await start())!;
                var rate = await Callers.RunAsync(callers, presences, store.TrackAsync);
                untrackRates.Add(await Callers.RunAsync(callers, presences, store.UntrackAsync));
                return rate;
            })));
            untracked.Add(new PeerValue(probe.Name, untrackRates.Skip(1).Order().ElementAt(Runs / 2)));
        }

        var hasBars = callers == ManyCallers;
        return [Line($"track, {Shape(topics, callers)}", tracked, hasBars ? 0.15 : null, hasBars ? 10 : null), Line($"untrack, {Shape(topics, callers)}", untracked, hasBars ? 0.08 : null, null)];
    }

    private static async Task<ScenarioLine> MeasureBatchesAsync(Action<string> progress)
    {
        var presences = Presences.Make(Operations, ManyTopics);
        progress($"batches of {BatchSize}");
        var ours = await Callers.MedianAsync(Runs, async () =>
        {
            await using var store = await TrackerStore.StartAsync();
            return BatchSize * await Callers.RunAsync(ManyCallers, presences.Chunk(BatchSize).ToList(), batch => new ValueTask(store.TrackManyAsync(batch)));
        });
        var floor = await Callers.MedianAsync(Runs, async () => await Callers.RunAsync(ManyCallers, presences, new FloorStore().TrackAsync));
        return Line($"track in batches of {BatchSize}, {Shape(ManyTopics, ManyCallers)}", [new PeerValue("ours", ours), new PeerValue("floor", floor)], 0.3, null);
    }

    private static ScenarioLine Line(string what, List<PeerValue> values, double? ofFloor, double? ofDistributedData)
    {
        var ours = values[0].Value;
        List<Bar> bars = [];
        if (ofFloor is { } share)
        {
            bars.Add(Bar.AtLeast("of the floor", ours / values[1].Value, share));
        }

        if (ofDistributedData is { } times)
        {
            bars.Add(Bar.AtLeast("times DistributedData's best", ours / values.Skip(2).Take(2).Max(peer => peer.Value), times));
        }

        return new ScenarioLine(what, "/s", ours, [.. values.Skip(1)], [.. bars]);
    }

    private static string Shape(int topics, int callers) => $"{topics:n0} {(topics == 1 ? "topic" : "topics")}, {callers} {(callers == 1 ? "caller" : "callers")}";
}
