using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Simulation;

/// <summary>Random runs one after the other, each from its seed; one that fails prints the line that replays it.</summary>
internal static class SeededRuns
{
    private const string RunsByDefault = "100";

    /// <param name="variables">Their environment variables begin so: NAME_SEED is the seed of the first run, NAME_RUNS how many there are.</param>
    /// <param name="wanted">What at least half of all runs must have come to, unless a seed was given.</param>
    /// <param name="run">Tells what the run of a seed has come to.</param>
    /// <returns>How many runs came to what, and how many there were; null if a seed was given.</returns>
    public static (IReadOnlyDictionary<string, int> Coverage, int Runs)? Play(
        ITestOutputHelper output, string variables, string test, IEnumerable<string> wanted, Func<ulong, IEnumerable<string>> run)
    {
        var given = Environment.GetEnvironmentVariable($"{variables}_SEED");
        var first = given is null ? (ulong)Random.Shared.NextInt64() : ulong.Parse(given, CultureInfo.InvariantCulture);
        var asked = Environment.GetEnvironmentVariable($"{variables}_RUNS") ?? (given is null ? RunsByDefault : "1");
        var runs = int.Parse(asked, CultureInfo.InvariantCulture);
        var coverage = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = first; seed < first + (ulong)runs; seed++)
        {
            try
            {
                foreach (var name in run(seed))
                {
                    coverage[name] = coverage.GetValueOrDefault(name) + 1;
                }
            }
            catch
            {
                output.WriteLine($"{variables}_SEED={seed} dotnet test --filter FullyQualifiedName~{test}");
                throw;
            }
        }

        output.WriteLine(string.Join(", ", coverage.Select(entry => $"{entry.Key}: {entry.Value} of {runs} runs")));
        if (given is not null)
        {
            return null;
        }

        Assert.All(wanted, name => Assert.InRange(coverage.GetValueOrDefault(name), runs / 2, runs));
        return (coverage, runs);
    }
}
