using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Runs planted bugs until something finds them.</summary>
internal sealed class MutantHunt(SourceTree sources)
{
    private const int ProgressSeeds = 100;

    private readonly MutantCompiler _compiler = new(sources);

    /// <returns>What is found without any bug, which shows that the hunt itself is sound; null if nothing is.</returns>
    public MutantFinding? RunSound(int seeds) => Run([], seeds, _ => { });

    /// <param name="progress">Told now and then how many seeds have found nothing.</param>
    /// <returns>Null if no seed found it.</returns>
    public MutantFinding? Run(Mutant mutant, int seedsMax, Action<int> progress) => Run(mutant.Edits, seedsMax, progress);

    private MutantFinding? Run(ImmutableArray<SourceEdit> edits, int seedsMax, Action<int> progress)
    {
        using var assemblies = _compiler.Compile(edits);
        for (var seed = 1; seed <= seedsMax; seed++)
        {
            if (assemblies.Run((ulong)seed) is var (by, what))
            {
                return new MutantFinding((ulong)seed, by, what);
            }

            if (seed % ProgressSeeds == 0)
            {
                progress(seed);
            }
        }

        return null;
    }
}
