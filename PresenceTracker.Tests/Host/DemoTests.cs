using System.Text.RegularExpressions;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Docs;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>The script <c>./demo</c> as somebody at a terminal sees it.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed class DemoTests
{
    private const int Nodes = 3;

    // It builds the program first.
    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task It_starts_three_nodes_says_what_to_open_and_leaves_nothing_behind_on_Ctrl_C()
    {
        var (http, node) = (FreePorts.TakeRow(Nodes), FreePorts.TakeRow(Nodes));

        // A group of its own, as in a terminal; and Ctrl-C must not be ignored, as it is in what runs in the background.
        await using var demo = new ConsoleProcess(
            "setsid", "env", "--default-signal=INT", Path.Combine(Repository.Root, "demo"), $"{http}", $"{node}");

        await demo.PrintsAsync("^Three nodes are ready", BuildPatience);
        var said = new List<string>();
        do
        {
            said.Add(await demo.NextLineAsync());
        }
        while (!said[^1].Contains("Ctrl-C", StringComparison.Ordinal));

        var pages = said.Select(line => Regex.Match(line, @"^ +(http://\S+room=lobby)$")).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(Enumerable.Range(http, Nodes).Select(port => $"http://127.0.0.1:{port}/?room=lobby"), pages);
        using var client = new HttpClient();
        foreach (var page in pages)
        {
            Assert.Contains("<title>PresenceTracker</title>", await client.GetStringAsync(page), StringComparison.Ordinal);
            Assert.Contains("ready", await client.GetStringAsync(new Uri(new Uri(page), "health/ready")), StringComparison.Ordinal);
        }

        await TypeAsync(client, HttpMethod.Put, Single(said, @"curl -X PUT -d '\{""device"":""phone""\}' '(\S+)'"), """{"device":"phone"}""");
        await Eventually.HoldsAsync("each lists alice and three nodes that are up", TimeSpan.FromSeconds(30), async () =>
        {
            foreach (var page in pages)
            {
                var list = await client.GetStringAsync(new Uri(new Uri(page), "api/topics/lobby/presences"));
                var nodes = await client.GetStringAsync(new Uri(new Uri(page), "api/nodes"));
                if (!list.Contains("\"alice\":{\"metas\":[{\"device\":\"phone\"", StringComparison.Ordinal) || Regex.Count(nodes, "\"state\":\"up\"") != Nodes)
                {
                    return $"{page}: {list} {nodes}";
                }
            }

            return null;
        });
        await TypeAsync(client, HttpMethod.Get, Single(said, "curl -N (\\S+)"));
        await TypeAsync(client, HttpMethod.Get, Single(said, "curl (http\\S+)"));

        demo.InterruptGroup();
        Assert.Equal(0, await demo.ExitedAsync());
        Assert.False(demo.HasGroup(), "something that the demo has started still runs");
    }

    private static string Single(IEnumerable<string> said, string pattern) =>
        said.Select(line => Regex.Match(line, pattern)).Single(match => match.Success).Groups[1].Value;

    private static async Task TypeAsync(HttpClient client, HttpMethod method, string url, string? body = null)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : new StringContent(body) };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode, $"{url}: {response.StatusCode}");
    }
}
