using PresenceTracker.Tests.Cluster.Network;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>
/// Hosts, the backends that write to them, the clients that watch and ask them, and the faults: all drawn from one seed. Disposing it ends the
/// clients, not the Hosts.
/// </summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private const int KeepersPerTopic = 8;
    private const int KeysOfPost = 8;

    private static readonly string[] Topics = ["room:0", "room:1", "room:2"];
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RestOfReader = TimeSpan.FromMilliseconds(100);

    private readonly HostCluster _cluster;
    private readonly History _history;
    private readonly FaultPlayer _player;
    private readonly Random _random;
    private readonly List<HttpClient> _clients;
    private readonly List<HostWatch> _watches;
    private readonly List<LeaseKeeper> _keepers;

    public FaultRun(HostCluster cluster, CutNetwork network, History history, int seed)
    {
        _cluster = cluster;
        _history = history;
        _player = new FaultPlayer(cluster, network, history);
        _random = new Random(seed);
        _clients = [.. cluster.Hosts.Select(host => new HttpClient { BaseAddress = host.Url, Timeout = AnswerPatience })];
        string[] addresses = [.. cluster.Hosts.Select(host => host.NodeAddress)];
        _watches = [.. cluster.Hosts.SelectMany((host, index) => Topics.Select(topic => new HostWatch(history, addresses, index, host.Url, topic)))];
        _keepers =
        [
            .. from topic in Topics
               from number in Enumerable.Range(0, KeepersPerTopic)
               let keys = number == 0 ? KeysOfPost : 1
               select new LeaseKeeper(history, _clients, topic, $"{topic}-{number}", keys, new Random(_random.Next())),
        ];
    }

    public async Task PlayAsync(TimeSpan length, TimeSpan longestFault)
    {
        using var end = new CancellationTokenSource();
        Task[] load = [.. _keepers.Select(keeper => keeper.RunAsync(end.Token)), ReadListsAsync(new Random(_random.Next()), end.Token)];
        try
        {
            await _player.PlayAsync(new FaultSchedule(_random, _clients.Count, longestFault), length);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(load);
        }
    }

    /// <summary>
    /// Waits until every Host lists what the backends keep. They make sure of it once and then only read: what they renewed meanwhile would not be
    /// lost, and what they ended no ghost.
    /// </summary>
    /// <param name="patience">From the end of the last fault.</param>
    /// <returns>How long it took from then on; at least the calm after that fault.</returns>
    public async Task<TimeSpan> ConvergeAsync(TimeSpan patience)
    {
        var lastFault = _history.Disturbances.Max(disturbance => disturbance.Span.To);
        await _cluster.ReadyAsync();
        await Task.WhenAll(_keepers.Select(keeper => keeper.SettleAsync()));
        await Eventually.HoldsAsync("all Hosts list what the backends keep", patience - (_history.Now - lastFault), DifferenceAsync);
        return _history.Now - lastFault;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync();
        }

        _clients.ForEach(client => client.Dispose());
    }

    private async Task ReadListsAsync(Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var (host, topic, began) = (random.Next(_clients.Count), Topics[random.Next(Topics.Length)], _history.Now);
            try
            {
                var list = PresenceFold.RefsOf(await HostProcess.StateAsync(_clients[host], topic));
                _history.Add(new ListRead(host, topic, began, _history.Now, WatchSession.Digest(list.Values.SelectMany(refs => refs))));
            }
            catch (Exception unanswered) when (unanswered is HttpRequestException or OperationCanceledException)
            {
                // It is dead or does not run.
            }

            await Pace.LastsAsync(RestOfReader, end);
        }
    }

    /// <returns>Null if every Host lists each key that is kept, once and with its latest meta, and no other.</returns>
    private async Task<string?> DifferenceAsync()
    {
        var kept = _keepers.SelectMany(keeper => keeper.Kept).ToLookup(entry => entry.Topic, entry => $"{entry.Key}: {entry.Number}");
        foreach (var host in _cluster.Hosts)
        {
            foreach (var topic in Topics)
            {
                var state = await host.StateAsync(topic);
                List<string> listed = [.. state.SelectMany(entry => entry.Value!["metas"]!.AsArray().Select(meta => $"{entry.Key}: {meta!["n"]}"))];
                if (!listed.Order().SequenceEqual(kept[topic].Order()))
                {
                    return $"in {topic} {host.Name} lacks [{string.Join(", ", kept[topic].Except(listed))}], "
                        + $"lists in excess [{string.Join(", ", listed.Except(kept[topic]))}], and in all {listed.Count}";
                }
            }
        }

        return null;
    }
}
