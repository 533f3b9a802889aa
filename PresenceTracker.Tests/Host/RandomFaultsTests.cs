using System.Globalization;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Network;
using PresenceTracker.Tests.Docs;
using PresenceTracker.Tests.Host.Faults;
using PresenceTracker.Tests.Host.Processes;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PresenceTracker.Tests.Host;

/// <summary>
/// Five Hosts under load are killed, paused, restarted and cut off from each other as a seed says, and judged by what their HTTP API tells.
/// The seed decides what is done and asked, and in which order; how that falls in with what the processes do is up to the machine.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class RandomFaultsTests(ITestOutputHelper output)
{
    private const string SeedVariable = "PRESENCE_HOST_SEED";
    private const string SecondsVariable = "PRESENCE_HOST_SECONDS";
    private const int Hosts = 5;
    private const int BreachesShown = 20;
    private const int ShortSeconds = 6;
    private const int LongSeconds = 600;

    // Each kind of fault comes some times.
    private const int RepeatedSeconds = 300;

    // With less the run would prove little.
    private const double ShareMin = 0.6;

    private static readonly int Seconds = Number(SecondsVariable) ?? (LongTests.AreOn ? LongSeconds : ShortSeconds);
    private static readonly bool IsLong = Seconds >= RepeatedSeconds;
    private static readonly TimeSpan LongestFault = TimeSpan.FromSeconds(Seconds > ShortSeconds ? 12 : 3);
    private static readonly TimeSpan ConvergesWithin = TimeSpan.FromSeconds(30);

    // Over all keys and Hosts.
    private static readonly TimeSpan JudgedMin = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Five_Hosts_lose_nothing_bring_nothing_back_and_agree_whatever_is_done_to_them()
    {
        var seed = Number(SeedVariable) ?? Random.Shared.Next();
        var replay = $"{SeedVariable}={seed} {SecondsVariable}={Seconds} dotnet test --filter {nameof(RandomFaultsTests)}";
        output.WriteLine(replay);
        var network = new CutNetwork();
        await using var cluster = await HostCluster.StartAsync(Hosts, network);
        var history = new History();
        List<string> breaches = [];
        TimeSpan? convergence = null;
        await using (var run = new FaultRun(cluster, network, history, seed))
        {
            await run.PlayAsync(TimeSpan.FromSeconds(Seconds), LongestFault);
            try
            {
                convergence = await run.ConvergeAsync(ConvergesWithin);
            }
            catch (XunitException different)
            {
                breaches.Add(different.Message);
            }
        }

        var end = history.Now;
        var ghosts = GhostRule.Judge(history, end);
        var lost = LostRule.Judge(history, end);
        breaches.AddRange([.. history.Faults, .. ghosts.Breaches, .. lost.Breaches]);
        breaches.AddRange([.. ListRule.Breaches(history, end), .. RefusalRule.Breaches(history)]);
        var acknowledged = history.Writes.Count(write => write.IsAcknowledged);
        breaches.AddRange(TooLittle(lost, ghosts, acknowledged / (double)Math.Max(1, history.Writes.Count)));

        Figures.Print(
            output,
            $"five Hosts, {Seconds} s of faults ({string.Join(", ", history.Disturbances.CountBy(one => one.Kind).Select(kind => $"{kind.Value} {kind.Key}"))}): "
            + $"{acknowledged} of {history.Writes.Count} writes acknowledged, "
            + $"{history.Sessions.Sum(session => session.Shown.Count)} joins and {history.Lists.Count} lists judged; {lost.Share:P0} of the time for which a Host had to list a key, "
            + $"and {ghosts.Share:P0} of that for which it must not list what was over; "
            + $"{breaches.Count} breaches, all equal {convergence?.TotalSeconds:F1} s after the last fault (seed {seed})");
        if (breaches.Count > 0)
        {
            var file = Path.Combine(Repository.Root, "artifacts", "random-faults", $"{seed}.txt");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllLinesAsync(file, [.. breaches, .. history.Describe(end), .. cluster.Hosts.Select(host => host.Log)]);
            Assert.Fail(
                $"{breaches.Count} breaches; all of them, and what happened, are in {file}:\n{string.Join('\n', breaches.Take(BreachesShown))}\nreplay: {replay}");
        }

        Assert.NotEmpty(history.Lists);
    }

    /// <summary>
    /// Whether too little was judged to prove anything. The shares are asked of a long run alone, in which every kind of fault comes again and
    /// again: in the one round of a short one they are what the seed has drawn. Two Hosts that are killed together excuse most of it.
    /// </summary>
    private static IEnumerable<string> TooLittle(Verdict lost, Verdict ghosts, double acknowledged)
    {
        (string What, Verdict Seen)[] verdicts =
            [("for which a Host had to list a key", lost), ("for which a Host must not list what was over", ghosts)];
        foreach (var (what, seen) in verdicts.Where(verdict => verdict.Seen.Judged < JudgedMin || (IsLong && verdict.Seen.Share < ShareMin)))
        {
            yield return $"expected: at least {JudgedMin} judged of the time {what}, in a long run {ShareMin:P0}; seen: {seen.Judged}, {seen.Share:P0}";
        }

        if (IsLong && acknowledged < ShareMin)
        {
            yield return $"expected: at least {ShareMin:P0} of the writes acknowledged; seen: {acknowledged:P0}";
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
