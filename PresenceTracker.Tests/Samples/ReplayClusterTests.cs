using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Data;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.Surface;
using Replay;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Samples;

/// <summary>
/// The replay as fast as it goes into three Hosts as processes. By default it plays the first weeks of the year, with
/// <c>PRESENCE_LONG_TESTS=1</c> all of it.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class ReplayClusterTests(ITestOutputHelper output)
{
    private const int SeenEvents = 500;

    private static readonly int Days = LongTests.AreOn ? 365 : 21;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(LongTests.AreOn ? 10 : 2);

    [Fact]
    public async Task Three_Hosts_and_a_client_of_each_come_to_what_the_trace_folds_to()
    {
        await using var cluster = await HostCluster.StartAsync(3);

        await PlayAsync(cluster);

        await AssertFoldedAsync(cluster);
    }

    [Fact]
    public async Task So_they_do_if_one_is_killed_half_way_and_started_again()
    {
        await using var cluster = await HostCluster.StartAsync(3);
        var halfWay = HalfWay();
        await using var events = await EventStream.OpenAsync(cluster.Hosts[2].Url, halfWay.Room);
        var replay = PlayAsync(cluster);
        await events.JoinedAsync(halfWay.Joined!);

        await cluster.Hosts[1].KillAsync();
        Assert.False(replay.IsCompleted, "the replay ended before the Host did");
        var again = await cluster.RestartAsync(cluster.Hosts[1]);
        await replay;

        await AssertFoldedAsync(cluster);
        var fold = Fold().UsersOf(halfWay.Room).ToList();
        await Expect.UntilAsync(() => events.Refs.Keys.SequenceEqual(fold), "a client has folded every diff", () => string.Join(", ", events.Refs.Keys));

        // Its users have moved to the others.
        foreach (var room in Rooms2014.Rooms)
        {
            var listed = await cluster.Hosts[2].Http.GetStringAsync($"api/topics/{room}/presences?nodes=true");
            Assert.DoesNotContain(again.NodeAddress, listed, StringComparison.Ordinal);
        }
    }

    // The nodes are compared with the trace by the replay itself too, and its clients of their event streams with the nodes.
    private async Task PlayAsync(HostCluster cluster)
    {
        var options = new ReplayOptions([.. cluster.Hosts.Select(host => host.Url)], Speed: null, Days);
        using var said = new StringWriter();
        var isEqual = await new Player(options, said).RunAsync().WaitAsync(Patience);
        Assert.True(isEqual, said.ToString());
        var lines = said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Figures.Print(output, $"Replay of {Days} days into three Hosts: {lines[^2]}. {lines[^1]}");
    }

    private static async Task AssertFoldedAsync(HostCluster cluster)
    {
        var fold = Fold();
        foreach (var host in cluster.Hosts)
        {
            foreach (var room in Rooms2014.Rooms)
            {
                Assert.Equal(fold.UsersOf(room), (await host.ListAsync(room)).Keys);
            }
        }
    }

    /// <summary>Somebody who comes for the first time when half is played, and stays for long enough to be seen.</summary>
    private static RoomEvent HalfWay()
    {
        var events = Events().ToList();
        HashSet<string> known = [.. events.Take(events.Count / 2).SelectMany(e => (string?[])[e.Left, e.Joined]).OfType<string>()];
        var index = Enumerable.Range(events.Count / 2, events.Count / 2).First(index =>
            events[index].Joined is { } user && !known.Contains(user) && !events.Skip(index + 1).Take(SeenEvents).Any(e => e.Left == user));
        return events[index];
    }

    private static RoomsFold Fold()
    {
        var fold = new RoomsFold();
        foreach (var e in Events())
        {
            fold.Apply(e);
        }

        return fold;
    }

    private static IEnumerable<RoomEvent> Events() => Rooms2014.Events().TakeWhile(e => e.Day < Days);
}
