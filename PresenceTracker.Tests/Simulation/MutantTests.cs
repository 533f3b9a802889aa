using PresenceTracker.Simulator.Mutants;
using Xunit;

namespace PresenceTracker.Tests.Simulation;

/// <summary>Planted bugs stay planted: what they edit is still there, and the hunt for them works. `mutants` hunts for all of them.</summary>
public sealed class MutantTests
{
    private const int SeedsMax = 20;
    private const int SoundSeeds = 2;

    private static readonly SourceTree Sources = SourceTree.Find()!;

    public static TheoryData<string> Names => [.. MutantCatalog.All.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_mutant_edits_stands_exactly_once_in_the_sources(string name) => Assert.All(
        Named(name).Edits, edit => Assert.Equal(1, edit.CountIn(Sources.Read(edit.File))));

    [Fact]
    public void Each_mutant_has_a_name_of_its_own() => Assert.Distinct(MutantCatalog.All.Select(mutant => mutant.Name));

    [Fact]
    public void Without_a_mutant_nothing_is_found_and_with_one_a_checker_finds_it()
    {
        var hunt = new MutantHunt(Sources);

        Assert.Null(hunt.RunSound(SoundSeeds));
        var finding = hunt.Run(Named("dead-replicas-kept"), SeedsMax, _ => { });
        Assert.Equal("RestChecker", finding?.By);
    }

    private static Mutant Named(string name) => MutantCatalog.All.Single(mutant => mutant.Name == name);
}
