using System.Globalization;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Membership;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Membership;

/// <summary>
/// Random faults on a cluster of up to eight nodes, then none: whatever happened, each node's effects made sense at every step (the
/// <see cref="EffectChecker"/>), and in the end all see each other. MEMBERSHIP_RUNS sets how many runs, MEMBERSHIP_SEED the
/// seed of the first.
/// </summary>
public sealed class RandomMembershipTests(ITestOutputHelper output)
{
    private const string SeedVariable = "MEMBERSHIP_SEED";
    private const string RunsVariable = "MEMBERSHIP_RUNS";
    private static readonly string[] Wanted =
        ["NodeUp", "NodeSuspected", "NodeTrusted", "NodeDown", "NodeReturned", "NodeRemoved", "NodeRenamed", "SelfRaised", "EpochRaised"];

    // Who is doubted by hearsay alone is told so by the next probe between the two, at most 2N - 1 periods later; who distrusts itself takes longer.
    private static readonly TimeSpan RefutedWithin = TimeSpan.FromSeconds(30);

    // Then the longest suspicion, when too few are left to confirm it.
    private static readonly TimeSpan DownWithin = RefutedWithin + SwimOptions.Lan.SuspicionMax(8);

    private static readonly string[] Addresses = ["a:1", "b:1", "c:1", "d:1", "e:1", "f:1", "g:1", "h:1"];

    [Fact]
    public void After_any_faults_all_living_nodes_see_each_other()
    {
        var given = Environment.GetEnvironmentVariable(SeedVariable);
        var first = given is null ? (ulong)Random.Shared.NextInt64() : ulong.Parse(given, CultureInfo.InvariantCulture);
        var wanted = Environment.GetEnvironmentVariable(RunsVariable) ?? (given is null ? "500" : "1");
        var runs = int.Parse(wanted, CultureInfo.InvariantCulture);
        var coverage = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = first; seed < first + (ulong)runs; seed++)
        {
            try
            {
                RunOnce(seed, coverage);
            }
            catch
            {
                output.WriteLine($"{SeedVariable}={seed} dotnet test --filter FullyQualifiedName~{nameof(RandomMembershipTests)}");
                throw;
            }
        }

        output.WriteLine(string.Join(", ", coverage.Select(entry => $"{entry.Key}: {entry.Value} of {runs} runs")));
        if (given is null) Assert.All(Wanted, name => Assert.InRange(coverage.GetValueOrDefault(name), runs / 50, runs));
    }

    private static void RunOnce(ulong seed, SortedDictionary<string, int> coverage)
    {
        var prng = new Prng(seed);
        var cluster = new VirtualCluster(prng.NextUInt64(), tellsSender: prng.Next(2) == 0);
        var removedAfter = TimeSpan.FromSeconds(prng.Next(2) == 0 ? 10 : 1200);
        cluster.Configure = options => options with { RemovedAfter = removedAfter };
        cluster.LossPercent = prng.Next(3) * 15;
        var seen = new List<MembershipEffect>();
        var epoch = 0;

        for (var i = 0; i < 40; i++)
        {
            Disturb(cluster, prng, ref epoch);
            cluster.Run(TimeSpan.FromSeconds(prng.Next(prng.Next(10) == 0 ? 60 : 6)));
            Collect(cluster, seen);
        }

        cluster.LossPercent = 0;
        cluster.Heal();
        foreach (var node in cluster.Nodes)
        {
            cluster.Resume(node);
        }

        StartIfFree(cluster, "a:1", prng);
        cluster.Run(RefutedWithin);
        Assert.True(cluster.NobodyIsMissed(), Describe(cluster));
        cluster.Run(DownWithin);
        Collect(cluster, seen);
        Assert.True(cluster.AllSeeEachOther(), Describe(cluster));
        foreach (var name in seen.Select(effect => effect.GetType().Name).Distinct())
        {
            coverage[name] = coverage.GetValueOrDefault(name) + 1;
        }
    }

    private static void Disturb(VirtualCluster cluster, Prng prng, ref int epoch)
    {
        var node = cluster.Nodes.Count == 0 ? null : cluster.Nodes[prng.Next(cluster.Nodes.Count)];
        var other = cluster.Nodes.Count == 0 ? null : cluster.Nodes[prng.Next(cluster.Nodes.Count)];
        switch (prng.Next(11))
        {
            case 0 or 1 or 2:
                StartIfFree(cluster, Addresses[prng.Next(Addresses.Length)], prng);
                break;
            case 3 when node is not null:
                cluster.Kill(node);
                break;
            case 4 when node is { IsPaused: false }:
                cluster.Leave(node);
                break;
            case 5 when node is not null:
                cluster.Pause(node);
                break;
            case 6 when node is not null:
                cluster.Resume(node);
                break;
            case 7 when node != other:
                cluster.Cut(node!, other!);
                break;
            case 8 when node != other:
                cluster.CutOneWay(node!, other!);
                break;
            case 9:
                cluster.Heal();
                break;
            case 10 when node is not null:
                cluster.Feed(node, new MembershipInput.ShardEpochCompleted(new ShardEpoch(prng.Next(8), ++epoch, prng.NextUInt64())));
                break;
            default:
                break;
        }
    }

    // The counter is drawn as if every machine's clock were wrong.
    private static void StartIfFree(VirtualCluster cluster, string address, Prng prng)
    {
        if (cluster.Nodes.Exists(node => node.Address == address)) return;
        cluster.Start(address, 1000 + (ulong)prng.Next(1000), "a:1", "b:1");
    }

    private static void Collect(VirtualCluster cluster, List<MembershipEffect> seen)
    {
        foreach (var node in cluster.Nodes)
        {
            Assert.Null(node.StopCause);
            seen.AddRange(node.Events);
            node.Events.Clear();
        }
    }

    private static string Describe(VirtualCluster cluster) => string.Join(
        Environment.NewLine,
        cluster.Nodes.Select(node =>
            $"{node.Core.Self.Node} sees "
            + string.Join(", ", node.Core.Members.Select(view => $"{view.Node}/{view.Refutation} {view.State}"))));
}
