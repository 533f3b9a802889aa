using PresenceTracker.Tests.Cluster.Processes;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Several Hosts that find each other. Disposing it ends them all.</summary>
internal sealed class HostCluster : IAsyncDisposable
{
    private readonly List<HostProcess> _hosts = [];

    private HostCluster()
    {
    }

    public IReadOnlyList<HostProcess> Hosts => _hosts;

    /// <summary>Starts Hosts that all have the same seeds, and waits until they are ready and hold each other for up.</summary>
    public static async Task<HostCluster> StartAsync(int hosts, params string[] arguments)
    {
        var cluster = new HostCluster();
        try
        {
            var ports = Enumerable.Range(0, hosts).Select(_ => (Http: FreePorts.Take(), Node: FreePorts.Take())).ToList();
            string[] seeds = [.. ports.Select(port => $"127.0.0.1:{port.Node}")];
            foreach (var (http, node) in ports)
            {
                cluster._hosts.Add(HostProcess.Launch(new HostProcessOptions(http, node, seeds, arguments)));
            }

            await cluster.ReadyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more Host, whether ready or not.</summary>
    public HostProcess Add()
    {
        var host = HostProcess.Launch(new HostProcessOptions(FreePorts.Take(), FreePorts.Take(), [_hosts[0].NodeAddress]));
        _hosts.Add(host);
        return host;
    }

    /// <summary>Another life of a Host that has ended.</summary>
    public async Task<HostProcess> RestartAsync(HostProcess host)
    {
        var next = host.LaunchAgain();
        _hosts[_hosts.IndexOf(host)] = next;
        await host.DisposeAsync();
        return next;
    }

    /// <summary>Waits until every Host is ready and holds all others for up.</summary>
    public async Task ReadyAsync()
    {
        await Task.WhenAll(_hosts.Select(host => host.ReadyAsync()));
        await Eventually.HoldsAsync($"{_hosts.Count} nodes up everywhere", TimeSpan.FromSeconds(30), async () =>
        {
            var states = await Task.WhenAll(_hosts.Select(host => host.NodeStatesAsync()));
            return states.All(seen => seen.Count == _hosts.Count && seen.Values.All(state => state == "up"))
                ? null
                : string.Join("; ", states.Select(seen => string.Join(", ", seen)));
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }
    }
}
