using PresenceTracker.Tests.Cluster.Network;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>Several node processes that find each other. Disposing it ends them all.</summary>
internal sealed class ProcessCluster : IAsyncDisposable
{
    // Akka.Cluster in a hurry. That it calls a member unreachable too early does no harm, because nobody gives it up for that.
    private const string AkkaCluster = """
        akka {
          actor.provider = cluster
          cluster {
            gossip-interval = 200 ms
            leader-actions-interval = 200 ms
            periodic-tasks-initial-delay = 200 ms
            downing-provider-class = ""
            failure-detector { heartbeat-interval = 200 ms, acceptable-heartbeat-pause = 500 ms }
          }
        }
        """;

    private readonly List<NodeProcess> _nodes = [];
    private readonly CutNetwork? _network;

    private ProcessCluster(CutNetwork? network) => _network = network;

    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    /// <summary>Starts nodes that all have the first as their seed, and waits until they are ready and know each other.</summary>
    public static Task<ProcessCluster> StartAsync(int nodes, string hocon = "") => StartAsync(nodes, hocon, network: null);

    /// <summary>As the other, with a network between the nodes that can be cut.</summary>
    public static Task<ProcessCluster> StartAsync(int nodes, string hocon, CutNetwork? network) =>
        StartAsync(nodes, network, seed => ([seed], hocon));

    /// <summary>Starts nodes that are members of one Akka.Cluster, and waits until they are ready and know each other.</summary>
    public static Task<ProcessCluster> StartInAkkaClusterAsync(int nodes, string hocon = "", CutNetwork? network = null) =>
        StartAsync(nodes, network, seed => ([], $"{AkkaCluster}\nakka.cluster.seed-nodes = [\"akka.tcp://presence@{seed}\"]\n{hocon}"));

    /// <summary>Starts one more process, not yet its node.</summary>
    public NodeProcess Launch(NodeProcessOptions options)
    {
        if (options.PublicPort is { } advertised)
        {
            _network!.Serve(advertised, options.Port);
        }

        var node = NodeProcess.Launch(options);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Kills a node if it still runs and starts another life at its address. Ready or not when this returns.</summary>
    public async Task<NodeProcess> RestartAsync(NodeProcess node)
    {
        await node.DisposeAsync();
        _nodes.Remove(node);
        var next = NodeProcess.Launch(node.Options);
        _nodes.Add(next);
        await next.StartNodeAsync();
        return next;
    }

    /// <summary>Waits until each node is ready and holds all others for up.</summary>
    public async Task ReadyAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.AskAsync(new NodeRequest.AwaitReady())));
        await Eventually.HoldsAsync($"{_nodes.Count} nodes up everywhere", TimeSpan.FromSeconds(30), async () =>
        {
            var views = await ViewsAsync();
            var areAllUp = views.All(seen => seen.Length == _nodes.Count && seen.All(node => node.State == nameof(NodeState.Up)));
            return areAllUp ? null : Describe(views);
        });
    }

    /// <summary>Waits until all nodes list the same in these topics.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> EqualAsync(string[] topics, TimeSpan patience) =>
        await Eventually.HoldsAsync("all lists equal", patience, async () =>
        {
            var digests = await Task.WhenAll(_nodes.Select(node => node.AskAsync(new NodeRequest.Digest(topics))));
            if (digests.Distinct().Count() == 1)
            {
                return null;
            }

            var lists = _nodes.Zip(digests, (node, digest) => $"{node.Address} lists {digest}");
            return $"{string.Join("; ", lists)}\n{Describe(await ViewsAsync())}";
        });

    /// <summary>What every node has logged.</summary>
    public string Log() => string.Join(Environment.NewLine, _nodes.Select(node => node.Log));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
    }

    private static async Task<ProcessCluster> StartAsync(
        int nodes, CutNetwork? network, Func<string, (string[] Seeds, string Hocon)> optionsFor)
    {
        var cluster = new ProcessCluster(network);
        try
        {
            var ports = Enumerable.Range(0, nodes)
                .Select(_ => (Listen: FreePorts.Take(), Public: network is null ? (int?)null : FreePorts.Take()))
                .ToList();
            var (seeds, hocon) = optionsFor($"127.0.0.1:{ports[0].Public ?? ports[0].Listen}");
            foreach (var (listen, advertised) in ports)
            {
                cluster.Launch(new NodeProcessOptions(listen, seeds, hocon, advertised));
            }

            await Task.WhenAll(cluster._nodes.Select(node => node.StartNodeAsync()));
            await cluster.ReadyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private Task<NodeReply.SeenNode[][]> ViewsAsync() => Task.WhenAll(_nodes.Select(node => node.AskAsync(new NodeRequest.Nodes())));

    private string Describe(NodeReply.SeenNode[][] views) =>
        string.Join("\n", _nodes.Zip(views, (node, seen) => $"  {node.Address} sees {string.Join(", ", seen.AsEnumerable())}").Append(Log()));
}
