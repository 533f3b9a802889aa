using System.Diagnostics;
using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Fuzz;

/// <summary>
/// Every decoder of what strangers send, fed with inputs that no honest sender makes: it takes them or refuses them by its own exception,
/// and allocates no more than twice its longest input. <c>PRESENCE_FUZZ_INPUTS</c> makes the run longer; a failure prints the line that
/// replays its one input.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const long DefaultInputs = 100_000;

    private static readonly long Inputs = Number("PRESENCE_FUZZ_INPUTS") ?? DefaultInputs;
    private static readonly ulong FirstSeed = (ulong?)Number("PRESENCE_FUZZ_SEED") ?? 1;

    [Fact]
    public void Every_input_at_the_node_port_and_the_edge_is_taken_or_refused()
    {
        using var wire = new WireTargets();
        List<FuzzTarget> targets = [.. wire.All, .. new EdgeTargets().All];
        var each = (Inputs + targets.Count - 1) / targets.Count;
        var faults = new List<string>();
        var watch = Stopwatch.StartNew();
        foreach (var target in targets)
        {
            var started = watch.Elapsed;
            if (FuzzRun.FaultOf(target, FirstSeed, each) is { } fault)
            {
                faults.Add(fault);
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{target.Name}: {each / (watch.Elapsed - started).TotalSeconds:N0} inputs/s"));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"[figure] fuzz: {each * targets.Count} inputs to {targets.Count} decoders in {watch.Elapsed.TotalSeconds:F1} s"));
        Assert.True(faults.Count == 0, string.Join("\n\n", faults));
    }

    private static long? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}
