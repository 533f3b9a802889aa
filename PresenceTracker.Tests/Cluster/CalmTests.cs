using System.Diagnostics;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>A machine that is busy is not a machine that is dead.</summary>
[Collection(ProcessCollection.Name)]
public sealed class CalmTests(ITestOutputHelper output)
{
    private const int Nodes = 10;
    private const string Topic = "nodes";

    private static readonly TimeSpan Busy = LongTests.AreOn ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task No_node_is_called_down_while_every_core_is_busy()
    {
        var nodes = new List<PresenceNode>();
        try
        {
            await StartAsync(nodes);
            var folds = await Task.WhenAll(nodes.Select(node => FoldedTopic.SubscribeAsync(node.Tracker, Topic)));
            var used = Environment.CpuUsage.TotalTime;
            var began = Stopwatch.GetTimestamp();
            var (looks, suspected) = BurnAndWatch(nodes);
            var cores = (Environment.CpuUsage.TotalTime - used) / Stopwatch.GetElapsedTime(began);

            Figures.Print(
                output,
                $"calm: {Nodes} nodes for {Busy} in a process that used {cores:F2} of {Environment.ProcessorCount} cores: " +
                $"{suspected} of {looks} looks saw a suspect");
            Assert.True(looks > 0);
            foreach (var (node, fold) in nodes.Zip(folds))
            {
                // Whoever is called down, even for a moment, is told to have left.
                Assert.DoesNotContain(fold.Events, seen => seen.Kind == "Left");
                Assert.Equal(Nodes, node.Tracker.Count(Topic).Keys);
                await fold.DisposeAsync();
            }
        }
        finally
        {
            await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        }
    }

    /// <summary>Starts the nodes; each is present itself, and all list all.</summary>
    private static async Task StartAsync(List<PresenceNode> nodes)
    {
        for (var number = 0; number < Nodes; number++)
        {
            var options = new PresenceTrackerOptions { NodePort = 0, Hocon = "akka.loglevel = WARNING" };
            if (number > 0)
            {
                options.Seeds.Add(nodes[0].Tracker.Self.Address);
            }

            nodes.Add(PresenceNode.Start(options));
        }

        await Task.WhenAll(nodes.Select(node => node.Tracker.Ready.WaitAsync(Patience)));
        await Task.WhenAll(nodes.Select(node =>
            node.Tracker.TrackAsync(Topic, node.Tracker.Self.Address, Owner.Lease(TimeSpan.FromHours(1)))));
        await Eventually.HoldsAsync("each node lists all", Patience, () => Task.FromResult(
            nodes.All(node => node.Tracker.Count(Topic).Keys == Nodes)
                ? null
                : string.Join(", ", nodes.Select(node => node.Tracker.Count(Topic)))));
    }

    /// <summary>Keeps every core busy with twice as many threads, of the same priority as those of the nodes.</summary>
    /// <returns>How often the nodes were looked at, and how often one of them then suspected another.</returns>
    private static (int Looks, int Suspected) BurnAndWatch(List<PresenceNode> nodes)
    {
        using var stop = new ManualResetEventSlim();
        var burning = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => new Thread(() => Burn(stop))).ToList();
        burning.ForEach(thread => thread.Start());
        try
        {
            var began = Stopwatch.GetTimestamp();
            var (looks, suspected) = (0, 0);
            while (Stopwatch.GetElapsedTime(began) < Busy && !stop.Wait(TimeSpan.FromMilliseconds(100)))
            {
                looks++;
                suspected += nodes.Any(node => node.Tracker.Nodes.Any(seen => seen.State != NodeState.Up)) ? 1 : 0;
            }

            return (looks, suspected);
        }
        finally
        {
            stop.Set();
            burning.ForEach(thread => thread.Join());
        }
    }

    private static void Burn(ManualResetEventSlim stop)
    {
        while (!stop.IsSet)
        {
            Thread.SpinWait(10_000);
        }
    }
}
