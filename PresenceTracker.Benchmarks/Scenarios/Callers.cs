using System.Diagnostics;

namespace PresenceTracker.Benchmarks.Scenarios;

/// <summary>So many callers, each of which waits for its answer before it asks again.</summary>
internal static class Callers
{
    /// <returns>How many calls a second all of them made.</returns>
    public static async Task<double> RunAsync<T>(int callers, IReadOnlyList<T> items, Func<T, ValueTask> call)
    {
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            int index;
            while ((index = Interlocked.Increment(ref next)) < items.Count)
            {
                await call(items[index]);
            }
        })));
        return items.Count / clock.Elapsed.TotalSeconds;
    }

    /// <summary>The middle of several runs, each with a new store, after one that warms up.</summary>
    public static async Task<double> MedianAsync(int runs, Func<Task<double>> run)
    {
        List<double> rates = [];
        for (var i = 0; i <= runs; i++)
        {
            GC.Collect();
            var rate = await run();
            if (i > 0)
            {
                rates.Add(rate);
            }
        }

        return rates.Order().ElementAt(rates.Count / 2);
    }
}
