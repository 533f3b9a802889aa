namespace PresenceTracker.Simulator.Mutants;

/// <summary>What found a planted bug.</summary>
/// <param name="Seed">The first that did, of those from 1 on.</param>
/// <param name="By">The checker, or the exception of a core that found its own state broken.</param>
/// <param name="What">What was wrong.</param>
internal sealed record MutantFinding(ulong Seed, string By, string What);
