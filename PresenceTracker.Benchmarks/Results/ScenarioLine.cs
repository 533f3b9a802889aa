using System.Collections.Immutable;

namespace PresenceTracker.Benchmarks.Results;

/// <summary>One figure of a workload, beside what else was measured in the same run, and the bars that follow from that.</summary>
/// <param name="Unit">Stands behind each value, with its space.</param>
internal sealed record ScenarioLine(string What, string Unit, double Ours, ImmutableArray<PeerValue> Peers, ImmutableArray<Bar> Bars);
