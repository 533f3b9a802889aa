using System.Diagnostics;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Host;

/// <summary>Hosts that are started at the same moment find each other in each of the ways there are, and share a token.</summary>
[Collection(ProcessCollection.Name)]
public sealed class HostDiscoveryTests(ITestOutputHelper output)
{
    private const string Token = "a secret of the cluster";

    private static readonly int HostsAtOnce = LongTests.AreOn ? 10 : 2;
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Ways => LongTests.AreOn ? ["seeds", "dns", "file", "multicast"] : ["multicast"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task They_are_one_cluster_in_10_s(string way)
    {
        var folder = Directory.CreateTempSubdirectory("presence-hosts-");
        var hosts = new List<HostProcess>();
        try
        {
            var ports = Enumerable.Range(0, HostsAtOnce).Select(_ => FreePorts.Take()).ToArray();
            var nodes = ports.Select(port => $"127.0.0.1:{port}").ToArray();
            await File.WriteAllLinesAsync(Path.Combine(folder.FullName, "nodes"), nodes);
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "group.conf"), $"presence.discovery.multicast-group = \"239.255.40.53:{FreePorts.Take()}\"");
            string[] arguments = way switch
            {
                "dns" => ["--discovery-dns", string.Join(',', ports.Select(port => $"localhost:{port}"))],
                "file" => ["--discovery-file", Path.Combine(folder.FullName, "nodes")],
                "multicast" => ["--discovery-multicast", "--config", Path.Combine(folder.FullName, "group.conf")],
                _ => [],
            };
            hosts.AddRange(ports.Select(port => HostProcess.Launch(
                new HostProcessOptions(FreePorts.Take(), port, way == "seeds" ? nodes : [], [.. arguments, "--token", Token]))));
            await Task.WhenAll(hosts.Select(ListensAsync));

            var listening = Stopwatch.GetTimestamp();
            await Eventually.HoldsAsync($"{hosts.Count} nodes up everywhere", Bar, async () =>
            {
                var states = await Task.WhenAll(hosts.Select(host => host.NodeStatesAsync()));
                return states.All(seen => seen.Count == hosts.Count && seen.Values.All(state => state == "up"))
                    ? null
                    : string.Join("; ", states.Select(seen => string.Join(", ", seen)));
            });
            Figures.Print(
                output,
                $"discovery by {way}: {hosts.Count} Hosts started at once were one cluster {Stopwatch.GetElapsedTime(listening).TotalSeconds:F2} s after the " +
                "last one listened");
            await Task.WhenAll(hosts.Select(host => host.ReadyAsync()));
            Assert.All(hosts, host => Assert.DoesNotContain("secret", host.Log, StringComparison.Ordinal));
        }
        finally
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }

            folder.Delete(recursive: true);
        }
    }

    // The node does so before the Host serves.
    private static Task ListensAsync(HostProcess host) => Eventually.HoldsAsync($"{host.Name} serves", 3 * Expect.Patience, async () =>
    {
        try
        {
            using var live = await host.Http.GetAsync("health/live");
            return live.IsSuccessStatusCode ? null : $"{live.StatusCode}";
        }
        catch (HttpRequestException) when (!host.HasExited)
        {
            return $"nothing\n{host.Log}";
        }
    });
}
