using System.Text.Json.Nodes;
using PresenceTracker.Tests.Clients;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using Xunit;

namespace PresenceTracker.Tests.Browser;

/// <summary>phoenix.js as it is published, in two pages of a real browser on two Host processes.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed class PhoenixPageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Room = "room:phoenix.js";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Longer than a page or a node takes to be back on a machine that has much else to do.
    private readonly string _config = Path.GetTempFileName();

    public Task InitializeAsync() => File.WriteAllTextAsync(_config, "presence.leave-grace = 30 s");

    public Task DisposeAsync()
    {
        File.Delete(_config);
        return Task.CompletedTask;
    }

    [ForeignPageFact]
    public async Task Pages_list_what_the_Hosts_list_at_each_step_and_their_callbacks_are_told_as_by_Phoenix()
    {
        await using var cluster = await HostCluster.StartAsync(2, "--config", _config);
        var ann = await PhoenixPage.OpenAsync(chromium, cluster.Hosts[0], Room, "ann");
        var bob = await PhoenixPage.OpenAsync(chromium, cluster.Hosts[1], Room, "bob");

        await ann.JoinAsync("online");
        await ListAsync(cluster, ["ann online"], ann);
        await SeesAsync(ann, "ann joins: none and 1", "sync");
        await bob.JoinAsync("online");
        await ListAsync(cluster, ["ann online", "bob online"], ann, bob);
        await SeesAsync(ann, "bob joins: none and 1", "sync");
        Assert.Equal(["ann joins: none and 1", "bob joins: none and 1", "sync"], (await bob.EventsAsync()).Order(StringComparer.Ordinal));

        await bob.UpdateAsync("busy");
        await ListAsync(cluster, ["ann online", "bob busy"], ann, bob);
        await SeesAsync(ann, "bob joins: 1 and 1", "bob leaves: 1 without 1", "sync");
        await SeesAsync(bob, "bob joins: 1 and 1", "bob leaves: 1 without 1", "sync");

        await bob.UntrackAsync();
        await ListAsync(cluster, ["ann online"], ann, bob);
        await SeesAsync(ann, "bob leaves: 0 without 1", "sync");
        await SeesAsync(bob, "bob leaves: 0 without 1", "sync");

        await bob.LeaveAsync();
        await bob.JoinAsync("again");
        await ListAsync(cluster, ["ann online", "bob again"], ann, bob);
        await SeesAsync(ann, "bob joins: none and 1", "sync");
        await bob.LeaveAsync();
        await ListAsync(cluster, ["ann online"], ann);
        await SeesAsync(ann, "bob leaves: 0 without 1", "sync");
        await bob.JoinAsync("back");
        await ListAsync(cluster, ["ann online", "bob back"], ann, bob);
        await SeesAsync(ann, "bob joins: none and 1", "sync");

        await bob.ReloadAsync();
        await bob.JoinAsync("reloaded");
        await ListAsync(cluster, ["ann online", "bob reloaded"], ann, bob);
        await SeesInOneDiffOrTwoAsync(ann, "bob joins: 1 and 1", "bob leaves: 1 without 1");

        var killed = cluster.Hosts[1];
        await killed.KillAsync();
        await cluster.RestartAsync(killed);
        await cluster.ReadyAsync();
        await ListAsync(cluster, ["ann online", "bob reloaded"], ann, bob);
        await SeesInOneDiffOrTwoAsync(ann, "bob joins: 1 and 1", "bob leaves: 1 without 1");

        await ann.LeaveAsync();
        await ListAsync(cluster, ["bob reloaded"], bob);
    }

    private static Task ListAsync(HostCluster cluster, string[] expected, params PhoenixPage[] pages) => TopicLists.EqualAsync(
        cluster, Room, expected, pages.Select(page => (page.Key, new Func<Task<JsonObject>>(page.ListAsync))));

    /// <summary>Its callbacks are told this, and nothing else.</summary>
    private static async Task SeesAsync(PhoenixPage page, params string[] expected) =>
        Assert.Equal(expected, await ToldAsync(page, string.Join(", ", expected), told => told.Count >= expected.Length));

    /// <summary>As <see cref="SeesAsync"/>, of two changes between which there may be a sync.</summary>
    private static async Task SeesInOneDiffOrTwoAsync(PhoenixPage page, string first, string second)
    {
        var told = await ToldAsync(page, $"{first}, {second}", told => told.Contains(second));
        Assert.Equal([first, second, "sync"], told.Count == 4 && told[1] == "sync" ? [told[0], told[2], told[3]] : told);
    }

    private static async Task<List<string>> ToldAsync(PhoenixPage page, string expected, Func<List<string>, bool> isEnough)
    {
        var told = new List<string>();
        await Eventually.HoldsAsync(expected, Patience, async () =>
        {
            told.AddRange(await page.EventsAsync());
            return isEnough(told) ? null : string.Join(", ", told);
        });
        return told;
    }
}
