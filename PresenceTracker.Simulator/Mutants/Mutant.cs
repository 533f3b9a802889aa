using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>
/// A planted bug: a few edits of the sources, made in memory and never in a file, so that no build of the repository can have it.
/// </summary>
/// <param name="Story">What went wrong where, or what the bug does to which rule of ours.</param>
internal sealed record Mutant(string Name, string Story, ImmutableArray<SourceEdit> Edits);
