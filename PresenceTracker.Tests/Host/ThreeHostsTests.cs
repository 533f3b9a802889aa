using System.Diagnostics;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.SignalR;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Host;

/// <summary>Three Hosts as an operator runs them, seen through their HTTP API alone.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ThreeHostsTests(ITestOutputHelper output)
{
    private const string Room = "room:1";
    private const string HubRoom = "room:2";
    private const int Changes = 50;

    // The first requests to a process compile the code they run; what is measured is a running node.
    private const int WarmUp = 20;

    [Fact]
    public async Task A_change_through_one_Host_is_soon_seen_at_another_and_once()
    {
        await using var cluster = await HostCluster.StartAsync(3);
        var (a, c) = (cluster.Hosts[0], cluster.Hosts[2]);
        await using var events = await EventStream.OpenAsync(c.Url, Room);
        var times = new List<TimeSpan>();
        for (var change = 0; change < WarmUp + Changes; change++)
        {
            var key = $"user {change}";
            var began = Stopwatch.GetTimestamp();
            await a.PutAsync(Room, key);
            times.Add(Stopwatch.GetElapsedTime(began, await events.JoinedAsync(key)));
        }

        var counted = times.Skip(WarmUp).Order().ToList();
        Figures.Print(
            output,
            $"PUT on A seen by a stream on C: median {counted[Changes / 2].TotalMilliseconds:F1} ms, worst {counted[^1].TotalMilliseconds:F1} ms over {Changes}");
        Assert.True(counted[Changes / 2] <= TimeSpan.FromMilliseconds(50), $"the median is {counted[Changes / 2]}");

        // The fold refuses a join of what is present; what is left over would be a second one.
        Assert.Empty(events.TakeAll());
        Assert.Equal((WarmUp + Changes, WarmUp + Changes), await c.CountAsync(Room));
    }

    [Fact]
    public async Task What_a_killed_Host_held_is_gone_within_15_s_and_its_next_life_brings_nothing_back()
    {
        await using var cluster = await HostCluster.StartAsync(3);
        var (a, b, c) = (cluster.Hosts[0], cluster.Hosts[1], cluster.Hosts[2]);
        await a.PutAsync(Room, "alice", lease: "10m");
        await b.PutAsync(Room, "bob", lease: "10m");
        await ListEqualAsync([b, c], ["alice", "bob"]);
        await using var events = await EventStream.OpenAsync(c.Url, Room);

        var began = Stopwatch.GetTimestamp();
        await a.KillAsync();
        await ListEqualAsync([b, c], ["bob"]);

        var took = Stopwatch.GetElapsedTime(began);
        Figures.Print(output, $"kill -9 of a Host: gone elsewhere after {took.TotalSeconds:F1} s");
        Assert.True(took <= TimeSpan.FromSeconds(15), $"it took {took}");

        a = await cluster.RestartAsync(a);
        await cluster.ReadyAsync();
        Assert.Equal(["bob"], (await a.ListAsync(Room)).Keys);
        await a.PutAsync(Room, "carol");
        await events.JoinedAsync("carol");
        Assert.Equal(["bob", "carol"], events.Refs.Keys);
        await ListEqualAsync(cluster.Hosts, ["bob", "carol"]);
    }

    [Fact]
    public async Task A_Host_that_is_asked_to_end_takes_its_leases_along_within_a_second_though_a_stream_and_a_hub_connection_are_open()
    {
        await using var cluster = await HostCluster.StartAsync(3);
        var (a, b, c) = (cluster.Hosts[0], cluster.Hosts[1], cluster.Hosts[2]);
        await b.PutAsync(Room, "bob", lease: "10m");
        await using var onA = await EventStream.OpenAsync(a.Url, Room);
        await using var onB = await EventStream.OpenAsync(b.Url, Room);
        await using var hubOfB = await HubClient.ConnectAsync(new Uri(b.Url, "hubs/presence"));
        await hubOfB.JoinedAsync(HubRoom, "carol");
        await ListEqualAsync([a, c], ["bob"]);
        await ListEqualAsync([a, c], ["carol"], HubRoom);

        var began = Stopwatch.GetTimestamp();
        b.Terminate();
        await ListEqualAsync([a, c], []);
        var gone = Stopwatch.GetElapsedTime(began);
        var exitCode = await b.ExitedAsync();
        var ended = Stopwatch.GetElapsedTime(began);

        Figures.Print(
            output, $"SIGTERM of a Host with a stream and a hub connection open: leases gone elsewhere after {gone.TotalMilliseconds:F0} ms, ended after {ended.TotalSeconds:F1} s");
        Assert.True(gone <= TimeSpan.FromSeconds(1), $"the leases were gone after {gone}");
        Assert.True(ended <= TimeSpan.FromSeconds(10), $"the process had ended after {ended}");
        Assert.True(exitCode == 0, $"exit code {exitCode}\n{b.Log}");
        await onB.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        await hubOfB.ClosedAsync();

        // Those of connections are held for their leave grace first.
        await ListEqualAsync([a, c], [], HubRoom);
    }

    /// <summary>2 s of silence is no reason to leave; 8 s may be; after 30 s all is back without a loss.</summary>
    [Fact]
    public async Task A_Host_that_is_paused_loses_nothing()
    {
        await using var cluster = await HostCluster.StartAsync(3);
        var (a, b, c) = (cluster.Hosts[0], cluster.Hosts[1], cluster.Hosts[2]);
        await a.PutAsync(Room, "alice", lease: "10m");
        await ListEqualAsync([b, c], ["alice"]);
        var alice = (await b.ListAsync(Room))["alice"];
        int[] pauses = LongTests.AreOn ? [2, 8, 30] : [2];
        foreach (var seconds in pauses)
        {
            await using var events = await EventStream.OpenAsync(c.Url, Room);
            a.Pause();
            var paused = Stopwatch.StartNew();
            await b.PutAsync(Room, $"bob {seconds}", lease: "10m");

            await Eventually.HoldsAsync($"bob {seconds} listed while A is away", TimeSpan.FromSeconds(1.5), async () =>
                (await c.ListAsync(Room)).ContainsKey($"bob {seconds}") ? null : "not listed");

            // It is the time itself that is tested.
            using var until = new PeriodicTimer(TimeSpan.FromSeconds(seconds) - paused.Elapsed);
            await until.WaitForNextTickAsync();
            a.Resume();
            await ListsAgreeAsync(cluster.Hosts);
            Assert.Equal(alice, (await b.ListAsync(Room))["alice"]);
            Assert.Contains($"bob {seconds}", (await a.ListAsync(Room)).Keys);
            var leaves = events.TakeAll().Sum(diff => diff["leaves"]!.AsObject().Count);
            Figures.Print(output, $"SIGSTOP of a Host for {seconds} s: {leaves} leaves seen, equal again {(paused.Elapsed - TimeSpan.FromSeconds(seconds)).TotalSeconds:F2} s after it went on");
            if (seconds == 2)
            {
                Assert.Equal(0, leaves);
            }
        }
    }

    [Fact]
    public async Task A_lease_is_renewed_and_ended_through_any_Host()
    {
        await using var cluster = await HostCluster.StartAsync(3);
        var (a, b, c) = (cluster.Hosts[0], cluster.Hosts[1], cluster.Hosts[2]);
        var reference = await a.PutAsync(Room, "alice", lease: "2s", meta: """{"n":1}""");
        await ListEqualAsync(cluster.Hosts, ["alice"]);
        await using var events = await EventStream.OpenAsync(b.Url, Room);
        using (var renewing = new PeriodicTimer(TimeSpan.FromMilliseconds(500)))
        {
            for (var renewal = 0; renewal < 12; renewal++)
            {
                await renewing.WaitForNextTickAsync();
                var through = renewal % 2 == 0 ? b : c;
                Assert.Equal(reference, await through.PutAsync(Room, "alice", lease: "2s", meta: """{"n":1}"""));
            }
        }

        Assert.Empty(events.TakeAll());
        Assert.Equal((1, 1), await b.CountAsync(Room));
        await c.DeleteAsync(Room, "alice");
        Assert.Equal(["alice"], (await events.NextAsync()).Diff["leaves"]!.AsObject().Select(left => left.Key));

        await a.PutAsync(Room, "alice", lease: "30s");
        await events.JoinedAsync("alice");
        await a.KillAsync();
        await Eventually.HoldsAsync("one meta of alice, held by B, while B renews", TimeSpan.FromSeconds(30), async () =>
        {
            await b.PutAsync(Room, "alice", lease: "30s");
            var seen = await b.ListAsync(Room);
            return (await b.NodeStatesAsync()).GetValueOrDefault(a.NodeAddress) is "down" or null && seen["alice"].Length == 1
                ? null
                : $"{string.Join(", ", seen["alice"])}; {string.Join(", ", await b.NodeStatesAsync())}";
        });
        await ListsAgreeAsync([b, c]);
        Assert.Equal((1, 1), await c.CountAsync(Room));
    }

    private static Task ListEqualAsync(IEnumerable<HostProcess> hosts, string[] keys, string room = Room) =>
        Eventually.HoldsAsync($"[{string.Join(", ", keys)}] listed in {room}", TimeSpan.FromSeconds(30), async () =>
        {
            var lists = await Task.WhenAll(hosts.Select(host => host.ListAsync(room)));
            return lists.All(list => list.Keys.SequenceEqual(keys)) ? null : Describe(lists);
        });

    private static Task ListsAgreeAsync(IEnumerable<HostProcess> hosts) =>
        Eventually.HoldsAsync("all lists equal", TimeSpan.FromSeconds(30), async () =>
        {
            var lists = (await Task.WhenAll(hosts.Select(host => host.ListAsync(Room)))).Select(list => Describe([list])).ToList();
            return lists.Distinct().Count() == 1 ? null : string.Join("; ", lists);
        });

    private static string Describe(IEnumerable<SortedDictionary<string, string[]>> lists) =>
        string.Join("; ", lists.Select(list => "[" + string.Join(", ", list.Select(entry => $"{entry.Key}: {string.Join(' ', entry.Value)}")) + "]"));
}
