using System.Diagnostics;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>How three processes see one of them go.</summary>
[Collection(ProcessCollection.Name)]
public sealed class DepartureTests(ITestOutputHelper output)
{
    private const string Topic = "room:1";
    private static readonly int Kills = LongTests.AreOn ? 30 : 1;
    private static readonly string[] Users = ["alice", "bob", "carol"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Of_many_killed_processes_each_is_gone_within_8_s_as_down()
    {
        var times = new List<TimeSpan>();
        for (var kill = 0; kill < Kills; kill++)
        {
            times.Add(await KillAsync());
        }

        Figures.Print(output, $"kill -9, {Kills} times: gone after {times.Average(took => took.TotalSeconds):F1} s on average and {times.Max().TotalSeconds:F1} s at worst");
        Assert.True(times.Max() <= TimeSpan.FromSeconds(8), $"it took {string.Join(", ", times.Order())}");
    }

    [Fact]
    public async Task Old_presences_never_reappear_when_a_killed_process_is_restarted_at_once()
    {
        await using var cluster = await StartAsync();
        var others = cluster.Nodes.Skip(1).ToArray();
        var restartedAt = Stopwatch.GetTimestamp();
        var next = await cluster.RestartAsync(cluster.Nodes[0]);
        await cluster.ReadyAsync();
        var took = NodeReply.Between(restartedAt, Stopwatch.GetTimestamp());
        await next.AskAsync(new NodeRequest.Track(Topic, "dave", "{}"));
        await Task.WhenAll(others.Select(node => node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Joined", "dave"))));

        await cluster.EqualAsync([Topic], Patience);

        Figures.Print(output, $"restart at once: the next life is ready, and the one before gone, after {took.TotalSeconds:F1} s");
        Assert.All(await GoneAsync(others), seen => Assert.Equal("NodeDown", seen.Reason));
        foreach (var node in cluster.Nodes)
        {
            var listed = await node.AskAsync(new NodeRequest.List(Topic));
            Assert.Equal(["dave"], listed.Select(presence => presence.Key));
        }

        // Each was told of as there once and as gone once: none came back, not even for a moment.
        foreach (var node in others)
        {
            var told = await node.AskAsync(new NodeRequest.Events());
            Assert.All(Users, user => Assert.Equal(["Joined", "Left"], told.Where(seen => seen.Key == user).Select(seen => seen.Kind)));
        }

        await FoldsHoldAsync(others);
    }

    [Fact]
    public async Task A_process_that_is_asked_to_end_is_gone_within_1_s_as_left()
    {
        await using var cluster = await StartAsync();
        var askedAt = Stopwatch.GetTimestamp();
        cluster.Nodes[0].Terminate();

        var gone = await GoneAsync([cluster.Nodes[1], cluster.Nodes[2]]);

        Assert.All(gone, seen => Assert.Equal("NodeLeft", seen.Reason));
        var took = NodeReply.Between(askedAt, gone.Max(seen => seen.At));
        Figures.Print(output, $"SIGTERM: gone after {took.TotalMilliseconds:F0} ms");
        Assert.True(took <= TimeSpan.FromSeconds(1), $"it took {took}");
        Assert.Equal(0, await cluster.Nodes[0].ExitedAsync());
        await FoldsHoldAsync(cluster.Nodes.Skip(1));
    }

    /// <returns>From the kill of one of three processes until both others have told that all of its presences are gone.</returns>
    private static async Task<TimeSpan> KillAsync()
    {
        await using var cluster = await StartAsync();
        var killedAt = Stopwatch.GetTimestamp();
        await cluster.Nodes[0].KillAsync();
        var gone = await GoneAsync(cluster.Nodes.Skip(1));
        Assert.All(gone, seen => Assert.Equal("NodeDown", seen.Reason));
        await FoldsHoldAsync(cluster.Nodes.Skip(1));
        return NodeReply.Between(killedAt, gone.Max(seen => seen.At));
    }

    /// <summary>Three processes; the first has tracked the users, and the others have been told.</summary>
    private static async Task<ProcessCluster> StartAsync()
    {
        var cluster = await ProcessCluster.StartAsync(3);
        var others = cluster.Nodes.Skip(1).ToArray();
        await Task.WhenAll(others.Select(node => node.AskAsync(new NodeRequest.Subscribe([Topic]))));
        foreach (var user in Users)
        {
            await cluster.Nodes[0].AskAsync(new NodeRequest.Track(Topic, user, "{}"));
            await Task.WhenAll(others.Select(node => node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Joined", user))));
        }

        return cluster;
    }

    private static async Task<NodeReply.SeenEvent[]> GoneAsync(IEnumerable<NodeProcess> nodes) => await Task.WhenAll(
        from node in nodes
        from user in Users
        select node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Left", user), Patience));

    private static async Task FoldsHoldAsync(IEnumerable<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            Assert.Empty((await node.AskAsync(new NodeRequest.CheckFolds())).Faults);
        }
    }
}
