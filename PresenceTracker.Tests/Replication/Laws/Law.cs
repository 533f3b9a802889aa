using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using CsCheck;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>
/// Runs a law over random cases. A failure names CsCheck's seed of its smallest case and the one line that replays it; a success prints
/// how often each class of cases came up, and is none if one that the law needs was rare.
/// </summary>
internal static class Law
{
    private const int CasesDefault = 10_000;
    private const double RarestShare = 0.05;

    public static void Check<T>(
        ITestOutputHelper output, string suite, Gen<T> cases, LawClass needed, Func<T, LawClass> run, [CallerMemberName] string law = "")
    {
        var seed = Environment.GetEnvironmentVariable("PRESENCE_LAW_SEED");
        var count = seed is not null ? 1 : CasesOf(Environment.GetEnvironmentVariable("PRESENCE_LAW_CASES"));
        var classes = Enum.GetValues<LawClass>().Where(one => needed.HasFlag(one) && int.PopCount((int)one) == 1).ToArray();
        var seen = new int[classes.Length];
        var watch = Stopwatch.StartNew();
        try
        {
            cases.Sample(
                one =>
                {
                    var met = run(one);
                    for (var i = 0; i < classes.Length; i++)
                    {
                        if (met.HasFlag(classes[i])) Interlocked.Increment(ref seen[i]);
                    }
                },
                seed: seed,
                iter: count);
        }
        catch (CsCheckException failure)
        {
            var found = Regex.Match(failure.Message, "seed: \"([^\"]+)\"", RegexOptions.IgnoreCase).Groups[1].Value;
            throw new CsCheckException(
                $"Replay: PRESENCE_LAW_SEED={found} dotnet test --filter FullyQualifiedName~{suite}.{law}\n{failure.Message}",
                failure.InnerException);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{law}: {count:N0} cases in {watch.Elapsed.TotalSeconds:F1} s"));
        var shares = classes.Zip(seen, (one, times) => (Class: one, Share: (double)times / count)).ToList();
        foreach (var (one, share) in shares)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {one,-14} {share,6:P1} of cases"));
        }

        // A replay is one case, and a handful shows no shares.
        if (count >= 1_000)
        {
            Assert.DoesNotContain(shares, share => share.Share < RarestShare);
        }
    }

    private static int CasesOf(string? setting) => setting is null ? CasesDefault : int.Parse(setting, CultureInfo.InvariantCulture);
}
