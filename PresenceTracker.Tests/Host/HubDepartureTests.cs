using System.Diagnostics;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Host;

/// <summary>
/// People in one room by connections to the hubs of three Hosts, of which one goes: whoever is back at another one in time was never away, for
/// anybody who watches.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class HubDepartureTests(ITestOutputHelper output)
{
    private const string Room = "room:1";

    private static readonly int People = LongTests.AreOn ? 1_000 : 60;
    private static readonly string[] Keys = [.. Enumerable.Range(0, People).Select(n => $"user {n}")];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The default.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Of_a_killed_Host_those_who_come_back_in_time_never_leave_and_the_others_leave_once()
    {
        const string Last = "last";
        var (atOnce, inTheGrace, never) = (Keys[..(People * 4 / 10)], Keys[(People * 4 / 10)..(People * 7 / 10)], Keys[(People * 7 / 10)..]);
        await using var cluster = await HostCluster.StartAsync(3);
        var (a, b, c) = (cluster.Hosts[0], cluster.Hosts[1], cluster.Hosts[2]);
        var tabs = await OpenAsync(Keys, _ => a);
        await ListedAsync(cluster.Hosts, People);
        await using var atB = await KeyWitness.OpenAsync(b, Room, Keys, Last);
        await using var atC = await KeyWitness.OpenAsync(c, Room, Keys, Last);

        await a.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        tabs = [.. tabs, .. await OpenAsync(atOnce, n => n % 2 == 0 ? b : c)];
        var quick = Stopwatch.GetElapsedTime(killed);
        await Eventually.HoldsAsync("a Host holds the killed one for down", Patience, async () =>
            (await Task.WhenAll(b.NodeStatesAsync(), c.NodeStatesAsync())).Any(states => states.GetValueOrDefault(a.NodeAddress) is "down" or null)
                ? null
                : "none does");
        var detected = Stopwatch.GetElapsedTime(killed);
        tabs = [.. tabs, .. await OpenAsync(inTheGrace, n => n % 2 == 0 ? b : c)];
        var late = Stopwatch.GetElapsedTime(killed) - detected;
        await ListedAsync([b, c], People - never.Length);
        var gone = Stopwatch.GetElapsedTime(killed);

        Figures.Print(
            output,
            $"kill -9 of a Host with {People} hub connections: {atOnce.Length} were back elsewhere after {quick.TotalSeconds:F1} s, it was down after {detected.TotalSeconds:F1} s, " +
            $"{inTheGrace.Length} more were back {late.TotalSeconds:F1} s later, the other {never.Length} had left after {gone.TotalSeconds:F1} s");
        Assert.True(late < Grace, $"those who were to be back within the grace of {Grace} were so after {late}: this machine is too slow for so many");
        await b.PutAsync(Room, Last, lease: "10m");
        foreach (var witness in new[] { atB, atC })
        {
            Judge(await witness.SeenAsync(Last), [Last], never);
            Judge(await witness.WatcherSeenAsync(Last), [Last], never);
            Judge(await witness.FriendsSeenAsync(Last), [Last], [.. never.Intersect(Keys.Take(KeyWitness.FriendsMax))]);
        }

        await CloseAsync(tabs);
    }

    /// <summary>Goal G27 of the anchor, within the grace.</summary>
    [Fact]
    public async Task A_rolling_restart_is_no_event_of_any_key_for_whoever_watches_at_another_Host()
    {
        await using var cluster = await HostCluster.StartAsync(3);
        Uri[] urls = [.. cluster.Hosts.Select(host => host.Url)];
        var people = new RovingTab[People];

        // Of those who have to leave a Host, each other one is taken by half.
        await Crowd.EachAsync(
            People, async n => people[n] = await RovingTab.OpenAsync(urls, n % urls.Length, step: 1 + (n / urls.Length % 2), Room, Keys[n]));
        await ListedAsync(cluster.Hosts, People);
        for (var turn = 0; turn < urls.Length; turn++)
        {
            var last = $"last {turn}";
            var witnesses = new List<KeyWitness>();
            foreach (var host in cluster.Hosts.Where(host => host.Url != urls[turn]))
            {
                witnesses.Add(await KeyWitness.OpenAsync(host, Room, Keys, last));
            }

            var connections = people.Count(person => person.Host == urls[turn]);
            var began = Stopwatch.GetTimestamp();
            cluster.Hosts[turn].Terminate();
            await Eventually.HoldsAsync("all are back, elsewhere", Patience, () => Task.FromResult(
                people.Count(person => person.Host is null || person.Host == urls[turn]) is var away and > 0 ? $"{away} are away" : null));
            var back = Stopwatch.GetElapsedTime(began);
            Assert.Equal(0, await cluster.Hosts[turn].ExitedAsync());
            await cluster.RestartAsync(cluster.Hosts[turn]);
            await cluster.ReadyAsync();
            var restarted = Stopwatch.GetElapsedTime(began);
            await ListedAsync(cluster.Hosts, People);
            await cluster.Hosts[turn].PutAsync(Room, last, lease: "10m");
            foreach (var witness in witnesses)
            {
                Judge(await witness.SeenAsync(last), [last], []);
                Judge(await witness.WatcherSeenAsync(last), [last], []);
                Judge(await witness.FriendsSeenAsync(last), [last], []);
                await witness.DisposeAsync();
            }

            await cluster.Hosts[turn].DeleteAsync(Room, last);
            await ListedAsync(cluster.Hosts, People);
            Figures.Print(
                output,
                $"SIGTERM of Host {turn + 1} of 3, {connections} of {People} hub connections on it: all were back elsewhere after {back.TotalSeconds:F1} s, " +
                $"it was ready again after {restarted.TotalSeconds:F1} s, no key came or went for those who watched at the others");
        }

        await Crowd.EachAsync(People, n => people[n].DisposeAsync().AsTask());
    }

    private static void Judge(KeyEvents seen, string[] came, string[] went)
    {
        Assert.True(came.SequenceEqual(seen.Came.Order(StringComparer.Ordinal)), $"expected to come: {string.Join(", ", came)}; seen: {seen}");
        Assert.True(
            went.Order(StringComparer.Ordinal).SequenceEqual(seen.Went.Order(StringComparer.Ordinal)), $"expected to go: {went.Length}, each once; seen: {seen}");
    }

    private static async Task<HubTab[]> OpenAsync(string[] keys, Func<int, HostProcess> host)
    {
        var tabs = new HubTab[keys.Length];
        await Crowd.EachAsync(keys.Length, async n => tabs[n] = await HubTab.OpenAsync(host(n).Url, Room, keys[n]));
        return tabs;
    }

    private static Task CloseAsync(HubTab[] tabs) => Crowd.EachAsync(tabs.Length, n => tabs[n].DisposeAsync().AsTask());

    /// <summary>So many keys everywhere, each with one meta: none of a connection that broke is held any more.</summary>
    private static Task ListedAsync(IEnumerable<HostProcess> hosts, int keys) =>
        Eventually.HoldsAsync($"{keys} keys and as many metas", Patience, async () =>
        {
            var counts = await Task.WhenAll(hosts.Select(host => host.CountAsync(Room)));
            return counts.All(count => count == (keys, keys)) ? null : string.Join(", ", counts);
        });
}
