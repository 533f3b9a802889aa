using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PresenceTracker.Simulator.Mutants;

namespace PresenceTracker.Simulator.Commands;

/// <summary>Plants one bug after the other, and shows what finds each and after how many seeds.</summary>
internal static class MutantsCommand
{
    private const int SeedsDefault = 1_000;
    private const int SoundSeeds = 20;
    private const int UsageError = 2;
    private const int MessageLengthMax = 160;

    public static Command Create()
    {
        var only = new Option<string?>("--only") { Description = "The name of the one bug to plant." };
        var seeds = new Option<int>("--seeds") { Description = "How many seeds may pass until a bug is found.", DefaultValueFactory = _ => SeedsDefault };
        var command = new Command("mutants", "Plants bugs in copies of the cores; the exit code says whether the checkers found each.") { only, seeds };
        command.SetAction(parsed => Run(parsed.GetValue(only), parsed.GetValue(seeds), parsed.InvocationConfiguration.Output));
        return command;
    }

    public static int Run(string? only, int seeds, TextWriter output)
    {
        var mutants = MutantCatalog.All.Where(mutant => only is null || mutant.Name == only).ToList();
        if (mutants.Count == 0)
        {
            output.WriteLine($"There is no mutant '{only}'. There are: {string.Join(", ", MutantCatalog.All.Select(mutant => mutant.Name))}");
            return UsageError;
        }

        if (SourceTree.Find() is not { } sources)
        {
            output.WriteLine("Mutants are compiled from the sources, and this program does not lie in the repository.");
            return UsageError;
        }

        var hunt = new MutantHunt(sources);
        if (hunt.RunSound(SoundSeeds) is { } unsound)
        {
            output.WriteLine($"Without any bug, seed {unsound.Seed} fails: {unsound.What}");
            return UsageError;
        }

        List<(Mutant Mutant, MutantFinding? Finding)> hunted = [];
        foreach (var mutant in mutants)
        {
            var watch = Stopwatch.StartNew();
            var finding = hunt.Run(mutant, seeds, done => output.WriteLine($"{mutant.Name}: {done} seeds, not found"));
            hunted.Add((mutant, finding));
            output.WriteLine(finding is null
                ? Text($"{mutant.Name}: NOT FOUND in {seeds} seeds, {watch.Elapsed.TotalSeconds:f1} s")
                : Text($"{mutant.Name}: seed {finding.Seed}, {watch.Elapsed.TotalSeconds:f1} s, {FirstLine(finding.What)}"));
        }

        Write(output, hunted);
        return hunted.TrueForAll(entry => entry.Finding is not null) ? 0 : 1;
    }

    private static void Write(TextWriter output, List<(Mutant Mutant, MutantFinding? Finding)> hunted)
    {
        output.WriteLine();
        output.WriteLine("| mutant | what was planted | found by | at seed |");
        output.WriteLine("|---|---|---|---|");
        foreach (var (mutant, finding) in hunted)
        {
            output.WriteLine($"| `{mutant.Name}` | {mutant.Story} | {finding?.By ?? "nothing"} | {finding?.Seed.ToString(CultureInfo.InvariantCulture) ?? "-"} |");
        }

        var seeds = hunted.Select(entry => entry.Finding).OfType<MutantFinding>().Select(finding => finding.Seed).Order().ToList();
        output.WriteLine();
        output.WriteLine(seeds.Count == 0
            ? $"0 of {hunted.Count} found"
            : $"{seeds.Count} of {hunted.Count} found, within {seeds[^1]} seeds, median {seeds[(seeds.Count - 1) / 2]}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string FirstLine(string text)
    {
        var line = text.Split('\n')[0];
        return line.Length > MessageLengthMax ? $"{line[..MessageLengthMax]}…" : line;
    }
}
