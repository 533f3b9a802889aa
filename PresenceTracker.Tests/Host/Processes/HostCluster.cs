using PresenceTracker.Tests.Cluster.Network;
using PresenceTracker.Tests.Cluster.Processes;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Several Hosts that find each other. Disposing it ends them all.</summary>
internal sealed class HostCluster : IAsyncDisposable
{
    private readonly List<HostProcess> _hosts = [];
    private readonly CutNetwork? _network;
    private readonly DirectoryInfo? _settings;

    private HostCluster(CutNetwork? network)
    {
        _network = network;
        _settings = network is null ? null : Directory.CreateTempSubdirectory("presence-hosts-");
    }

    public IReadOnlyList<HostProcess> Hosts => _hosts;

    /// <summary>Starts Hosts that all have the same seeds, and waits until they are ready and hold each other for up.</summary>
    public static Task<HostCluster> StartAsync(int hosts, params string[] arguments) => StartAsync(hosts, network: null, arguments);

    /// <summary>As the other, with a network between the Hosts that can be cut. It is the cluster's own from now on.</summary>
    public static async Task<HostCluster> StartAsync(int hosts, CutNetwork? network, params string[] arguments)
    {
        var cluster = new HostCluster(network);
        try
        {
            var ports = Enumerable.Range(0, hosts)
                .Select(_ => (Http: FreePorts.Take(), Node: FreePorts.Take(), Public: network is null ? (int?)null : FreePorts.Take()))
                .ToList();
            string[] seeds = [.. ports.Select(port => $"127.0.0.1:{port.Public ?? port.Node}")];
            foreach (var (http, node, advertised) in ports)
            {
                string[] own = advertised is { } port ? [.. arguments, "--config", cluster.Serve(node, port)] : arguments;
                cluster._hosts.Add(HostProcess.Launch(new HostProcessOptions(http, node, seeds, own) { PublicPort = advertised }));
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

        if (_network is not null)
        {
            await _network.DisposeAsync();
        }

        _settings?.Delete(recursive: true);
    }

    /// <returns>The settings with which a Host listens at one port and advertises another, where the network takes its connections.</returns>
    private string Serve(int port, int advertised)
    {
        _network!.Serve(advertised, port);
        var settings = Path.Combine(_settings!.FullName, $"{port}.conf");
        File.WriteAllText(settings, $"akka.remote.dot-netty.tcp.public-port = {advertised}");
        return settings;
    }
}
