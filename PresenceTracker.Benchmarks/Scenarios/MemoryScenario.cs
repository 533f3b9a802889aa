using PresenceTracker.Benchmarks.Results;
using PresenceTracker.Benchmarks.Stores;

namespace PresenceTracker.Benchmarks.Scenarios;

/// <summary>What a presence costs in memory, where it is tracked and where it is replicated.</summary>
internal sealed class MemoryScenario : Scenario
{
    private const int Count = 1_000_000;
    private const int Topics = 10_000;
    private const int BatchSize = 1_000;
    private static readonly TimeSpan SyncMax = TimeSpan.FromMinutes(5);

    public override string Name => "W4";

    public override string Title => "Memory of a presence";

    public override string Method =>
        $"{Count:n0} presences in {Topics:n0} topics, with metas of their own; what the heap has grown by after a full collection, for each. The replica is a second node, in the same process, that has caught up.";

    public override async Task<IReadOnlyList<ScenarioLine>> RunAsync(Action<string> progress)
    {
        progress("floor");
        var floor = await MeasureAsync(new FloorStore(), async (store, batch) =>
        {
            foreach (var presence in batch)
            {
                await store.TrackAsync(presence);
            }
        });
        progress("owner");
        await using var owner = await TrackerStore.StartAsync();
        var ours = await MeasureAsync(owner, (store, batch) => store.TrackManyAsync(batch));
        progress("replica");
        var before = Heap();
        await using var replica = await TrackerStore.StartAsync(owner.Address);
        using var limit = new CancellationTokenSource(SyncMax);
        while (Held(replica) < Count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }

        var replicated = (Heap() - before) / (double)Count;
        return
        [
            new ScenarioLine("on the owner", " B", ours, [new PeerValue("floor", floor)], [Bar.AtMost("of the floor", ours / floor, 1.5)]),
            new ScenarioLine("on a replica", " B", replicated, [new PeerValue("floor", floor)], [Bar.AtMost("of the floor", replicated / floor, 1.3)]),
        ];
    }

    private static long Held(TrackerStore store) =>
        Enumerable.Range(0, Topics).Sum(topic => (long)store.Tracker.Count(Presences.TopicOf(topic)).Metas);

    /// <summary>Each batch is made, handed over and forgotten, so that only what the store keeps is counted.</summary>
    private static async Task<double> MeasureAsync<TStore>(TStore store, Func<TStore, IReadOnlyCollection<PresenceKey>, Task> track)
        where TStore : IPresenceStore
    {
        var before = Heap();
        for (var first = 0; first < Count; first += BatchSize)
        {
            await track(store, Presences.Make(BatchSize, Topics, first));
        }

        var grown = Heap() - before;
        GC.KeepAlive(store);
        return grown / (double)Count;
    }

    private static long Heap()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
