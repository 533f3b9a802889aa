using System.Text.Json.Nodes;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;

namespace PresenceTracker.Tests.Clients;

/// <summary>What Hosts and clients list, compared. Metas of these tests say <c>status</c>.</summary>
internal static class TopicLists
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Every Host and every client comes to list this, and with the same refs.</summary>
    /// <param name="expected">For each meta its key and its status, in order.</param>
    public static Task EqualAsync(
        HostCluster cluster, string topic, string[] expected, params IEnumerable<(string Name, Func<Task<JsonObject>> StateAsync)> clients) =>
        Eventually.HoldsAsync(string.Join(", ", expected), Patience, async () =>
        {
            var lists = new List<(string Name, JsonObject State)>();
            foreach (var host in cluster.Hosts)
            {
                lists.Add((host.Name, await host.StateAsync(topic)));
            }

            foreach (var (name, stateAsync) in clients)
            {
                lists.Add((name, await stateAsync()));
            }

            return lists.All(list => Listed(list.State, "status").SequenceEqual(expected))
                && lists.Select(list => string.Join(", ", Listed(list.State, "phx_ref"))).Distinct().Count() == 1
                ? null
                : string.Join("\n", lists.Select(list => $"{list.Name}: {list.State.ToJsonString()}"));
        });

    /// <summary>A line for each meta: its key, and what it says of this.</summary>
    private static IEnumerable<string> Listed(JsonObject state, string field) =>
        state.SelectMany(entry => entry.Value!["metas"]!.AsArray().Select(meta => $"{entry.Key} {meta![field]}")).Order(StringComparer.Ordinal);
}
