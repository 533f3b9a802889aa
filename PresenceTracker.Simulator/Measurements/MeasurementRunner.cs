using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Runs measurements beside each other, one on each core. None knows of another, so that each reports what it would report alone.</summary>
internal static class MeasurementRunner
{
    /// <param name="isFull">Whether all cases are measured where by default some are.</param>
    /// <param name="progress">Takes a line each time that a part is done, one at a time, whichever measurement it is of.</param>
    /// <returns>The reports, in the order of the measurements.</returns>
    public static ImmutableArray<MeasurementReport> Run(IReadOnlyList<Measurement> measurements, bool isFull, Action<string> progress)
    {
        var reports = new MeasurementReport[measurements.Count];
        var gate = new Lock();

        // From the last on, which takes by far the longest: the other core does the rest meanwhile.
        var places = Partitioner.Create(Enumerable.Range(0, reports.Length).Reverse(), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(
            places,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            place =>
            {
                Tell("begins");
                reports[place] = isFull ? measurements[place].RunInFull(Tell) : measurements[place].Run(Tell);
                Tell("is done");

                void Tell(string line)
                {
                    lock (gate)
                    {
                        progress($"{measurements[place].Name}: {line}");
                    }
                }
            });
        return [.. reports];
    }
}
