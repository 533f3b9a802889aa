using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>One lease and three processes: A tracks it, and a backend renews it through the others.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed class LeaseTests(ITestOutputHelper output)
{
    private const string Topic = "room:1";
    private const string User = "alice";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_lease_that_is_renewed_through_any_node_stays_where_it_is_and_is_ended_through_any()
    {
        // Shorter ones run out where the machine has something else to do for a moment; the renewals take more than twice as long.
        var lease = TimeSpan.FromSeconds(3);
        await using var cluster = await StartAsync(lease);
        var written = (await cluster.Nodes[0].AskAsync(new NodeRequest.List(Topic))).Single();

        var renewals = 0;
        await RenewAsync(lease, until: () => ++renewals > 8, () => cluster.Nodes[1 + (renewals % 2)]);

        foreach (var node in cluster.Nodes)
        {
            Assert.Equal([written], await node.AskAsync(new NodeRequest.List(Topic)));
            Assert.Equal(["Joined"], await EventsAsync(node));
        }

        Assert.Equal("Untracked", (await cluster.Nodes[2].AskAsync(new NodeRequest.Untrack(Topic, User))).Status);
        foreach (var node in cluster.Nodes)
        {
            await node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Left", User));
            Assert.Empty(await node.AskAsync(new NodeRequest.List(Topic)));
            Assert.Equal(["Joined", "Left Untracked"], await EventsAsync(node));
        }

        await FoldsHoldAsync(cluster.Nodes);
    }

    [Fact]
    public async Task When_the_holder_is_killed_the_lease_goes_on_where_it_is_renewed()
    {
        var lease = TimeSpan.FromSeconds(2);
        await using var cluster = await StartAsync(lease);
        var (b, c) = (cluster.Nodes[1], cluster.Nodes[2]);
        await cluster.Nodes[0].KillAsync();

        var gone = c.AskAsync(new NodeRequest.AwaitEvent(Topic, "Left", User), Patience);
        await RenewAsync(lease, until: () => gone.IsCompleted, () => b);
        await RenewedAsync(b, lease);

        foreach (var node in new[] { b, c })
        {
            await OneFromAsync(b, node);
            Assert.Equal(["Joined", "Joined", "Left NodeDown"], await EventsAsync(node));
        }

        await FoldsHoldAsync([b, c]);
    }

    [Fact]
    public async Task A_holder_that_was_paused_yields_to_who_took_the_lease_over()
    {
        var lease = TimeSpan.FromSeconds(20);
        await using var cluster = await StartAsync(lease);
        var (a, b, c) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        a.Pause();

        var renewal = await b.AskAsync(new NodeRequest.TrackFor(Topic, User, lease));
        a.Resume();

        Assert.Equal("Tracked", renewal.Status);
        foreach (var node in cluster.Nodes)
        {
            await node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Left", User));
            await OneFromAsync(b, node);
        }

        Assert.Equal(["Joined", "Joined", "Left Replaced"], await EventsAsync(c));
        await FoldsHoldAsync(cluster.Nodes);
    }

    /// <summary>A has tracked the lease, and all have been told.</summary>
    private static async Task<ProcessCluster> StartAsync(TimeSpan lease)
    {
        var cluster = await ProcessCluster.StartAsync(3);
        await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.Subscribe([Topic]))));
        await cluster.Nodes[0].AskAsync(new NodeRequest.TrackFor(Topic, User, lease));
        await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Joined", User))));
        return cluster;
    }

    /// <summary>Renews four times in the time of a lease, as a backend does, and fails if a renewal found nothing to renew.</summary>
    private async Task RenewAsync(TimeSpan lease, Func<bool> until, Func<NodeProcess> through)
    {
        using var pace = new PeriodicTimer(lease / 4);
        while (!until())
        {
            await RenewedAsync(through(), lease);
            await pace.WaitForNextTickAsync();
        }
    }

    private async Task RenewedAsync(NodeProcess node, TimeSpan lease)
    {
        var renewal = await node.AskAsync(new NodeRequest.TrackFor(Topic, User, lease));
        output.WriteLine($"{renewal.At}: {renewal.Status} {renewal.Ref} through {node.Address}");
        Assert.Contains(renewal.Status, new[] { "AlreadyTracked", "Tracked" });
    }

    private static Task<TimeSpan> OneFromAsync(NodeProcess holder, NodeProcess node) => Eventually.HoldsAsync(
        $"one presence, of {holder.Address}, on {node.Address}", Patience, async () =>
        {
            var listed = await node.AskAsync(new NodeRequest.List(Topic));
            return listed.Length == 1 && listed[0].Node == holder.Address ? null : string.Join("; ", listed.AsEnumerable());
        });

    private static async Task<string[]> EventsAsync(NodeProcess node) =>
    [
        .. (await node.AskAsync(new NodeRequest.Events())).Select(seen => seen.Kind == "Left" ? $"{seen.Kind} {seen.Reason}" : seen.Kind),
    ];

    private static async Task FoldsHoldAsync(IEnumerable<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            Assert.Empty((await node.AskAsync(new NodeRequest.CheckFolds())).Faults);
        }
    }
}
