namespace PresenceTracker.Benchmarks.Results;

/// <summary>What something else than the tracker did with the same workload in the same run.</summary>
internal sealed record PeerValue(string Name, double Value);
