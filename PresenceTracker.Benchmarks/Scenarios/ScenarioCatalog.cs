using System.Collections.Immutable;

namespace PresenceTracker.Benchmarks.Scenarios;

internal static class ScenarioCatalog
{
    public static ImmutableArray<Scenario> All { get; } = [new TrackScenario(), new ListScenario(), new LookUpScenario(), new MemoryScenario(), new GrowthScenario()];
}
