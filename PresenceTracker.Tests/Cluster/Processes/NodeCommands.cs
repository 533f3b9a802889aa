using System.Diagnostics;
using Akka.Actor;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Diagnostics;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>Carries out, inside a node process, what a test asks of it.</summary>
internal sealed class NodeCommands : IAsyncDisposable
{
    /// <summary>Of all presences: lives as long as its node, and has no leave grace.</summary>
    public static readonly Owner Owner = Owner.Lease(TimeSpan.FromHours(24), LeaseName);

    private const string LeaseName = "test";

    private static readonly TimeSpan FoldPatience = TimeSpan.FromSeconds(5);

    private readonly List<FoldedTopic> _folds = [];
    private readonly Dictionary<string, FoldedTopic> _foldOf = new(StringComparer.Ordinal);
    private PresenceNode? _node;
    private Churn? _churn;
    private TimedReads? _reads;
    private MeterProbe? _meter;

    private Tracker Tracker => (_node ?? throw new InvalidOperationException("the node has not been started")).Tracker;

    /// <returns>The reply, to be serialized as its own type.</returns>
    public async Task<object> HandleAsync(NodeRequest request)
    {
        switch (request)
        {
            case NodeRequest.Start start:
                _meter = new MeterProbe(start.Options.Address);
                _node = PresenceNode.Start(OptionsOf(start.Options));
                return new NodeReply.Identity(Tracker.Self.Address, $"{Tracker.Self.Incarnation}");
            case NodeRequest.AwaitReady:
                await Tracker.Ready;
                return Now();
            case NodeRequest.DigestOnceReady(var topics):
                await Tracker.Ready;
                var at = Stopwatch.GetTimestamp();
                return new NodeReply.ReadyWith(ListDigest.Of(Tracker, topics), at);
            case NodeRequest.AwaitStopped:
                return await Tracker.Stopped;
            case NodeRequest.Subscribe subscribe:
                await SubscribeAsync(subscribe.Topics);
                return Now();
            case NodeRequest.AwaitEvent(var topic, var kind, var key):
                return await _foldOf[topic].AwaitEventAsync(kind, key);
            case NodeRequest.Events:
                return _folds.SelectMany(fold => fold.Events).OrderBy(seen => seen.At).ToArray();
            case NodeRequest.CheckFolds:
                return await CheckFoldsAsync();
            case NodeRequest.Leave:
                await Tracker.LeaveAsync();
                return Now();
            case NodeRequest.Down(var address):
                Akka.Cluster.Cluster.Get(_node!.System).Down(Address.Parse($"akka.tcp://{_node.System.Name}@{address}"));
                return Now();
            case NodeRequest.StartChurn load:
                _churn = new Churn(Tracker, load);
                return Now();
            case NodeRequest.StopChurn:
                return await _churn!.StopAsync();
            case NodeRequest.StartReading(var topic, var fromNodes):
                _reads = new TimedReads(Tracker, topic, fromNodes);
                return Now();
            case NodeRequest.StopReading:
                return _reads!.Stop();
            default:
                return await WriteAsync(request) ?? Read(request);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_churn is not null)
        {
            await _churn.DisposeAsync();
        }

        _reads?.Dispose();
        _meter?.Dispose();
        foreach (var fold in _folds)
        {
            await fold.DisposeAsync();
        }

        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }

    private async Task<object?> WriteAsync(NodeRequest request)
    {
        var at = Stopwatch.GetTimestamp();
        switch (request)
        {
            case NodeRequest.Track(var topic, var key, var meta):
                return Written(await Tracker.TrackAsync(topic, key, Owner, Metas.Parse(meta)), at);
            case NodeRequest.TrackFor(var topic, var key, var lease):
                return Written(await Tracker.TrackAsync(topic, key, Owner.Lease(lease, LeaseName)), at);
            case NodeRequest.Update(var topic, var key, var meta):
                return Written(await Tracker.UpdateAsync(topic, key, Owner, Metas.Parse(meta)), at);
            case NodeRequest.Untrack(var topic, var key):
                return Written(await Tracker.UntrackAsync(topic, key, Owner), at);
            case NodeRequest.TrackMany(var topics, var prefix, var count):
                await Tracker.TrackManyAsync(
                    [.. Many(topics, prefix, count).Select(many => new TrackRequest(many.Topic, many.Key, Owner, Meta.Empty))]);
                return Now();
            case NodeRequest.UntrackMany(var topics, var prefix, var count):
                await Tracker.UntrackManyAsync([.. Many(topics, prefix, count).Select(many => (many.Topic, many.Key, Owner))]);
                return Now();
            default:
                return null;
        }
    }

    private object Read(NodeRequest request)
    {
        switch (request)
        {
            case NodeRequest.Digest digest:
                return ListDigest.Of(Tracker, digest.Topics);
            case NodeRequest.List(var topic):
                return Tracker.List(topic).Select(Listed).ToArray();
            case NodeRequest.Metric(var name):
                return _meter!.Read(name);
            case NodeRequest.Nodes:
                return Tracker.Nodes.Select(Seen).ToArray();
            case NodeRequest.Memory:
                var heap = GC.GetTotalMemory(forceFullCollection: true);
                using (var process = Process.GetCurrentProcess())
                {
                    return new NodeReply.MemoryUse(heap, process.WorkingSet64);
                }

            default:
                throw new InvalidOperationException($"{request.GetType().Name} is no request that a node process knows");
        }
    }

    private async Task SubscribeAsync(string[] topics)
    {
        foreach (var topic in topics)
        {
            var fold = await FoldedTopic.SubscribeAsync(Tracker, topic);
            _folds.Add(fold);
            _foldOf.Add(topic, fold);
        }
    }

    private async Task<NodeReply.Folds> CheckFoldsAsync()
    {
        var all = await Task.WhenAll(_folds.Select(fold => fold.CheckAsync(FoldPatience)));
        return new NodeReply.Folds(
            all.Sum(folds => folds.Diffs), all.Sum(folds => folds.Events), all.Sum(folds => folds.Presences),
            [.. all.SelectMany(folds => folds.Faults)]);
    }

    private static PresenceTrackerOptions OptionsOf(NodeProcessOptions from)
    {
        var options = new PresenceTrackerOptions
        {
            NodeHost = from.Host,
            NodePort = from.Port,
            NodePublicHost = NodeProcessOptions.PublicHost,
            NodePublicPort = from.PublicPort,
            Hocon = from.Hocon,
        };
        foreach (var seed in from.Seeds)
        {
            options.Seeds.Add(seed);
        }

        return options;
    }

    private static IEnumerable<(string Topic, string Key)> Many(string[] topics, string prefix, int count) =>
        Enumerable.Range(0, count).Select(number => (topics[number % topics.Length], $"{prefix}-{number}"));

    private static NodeReply.Moment Now() => new(Stopwatch.GetTimestamp());

    private static NodeReply.Written Written(TrackResult result, long at) => new($"{result.Status}", result.Ref, at);

    private static NodeReply.Listed Listed(Presence presence) =>
        new(presence.Key, presence.Owner, presence.Ref, $"{presence.Meta}", presence.Node.Address);

    private static NodeReply.SeenNode Seen(NodeStatus status) => new(
        status.Node.Address, $"{status.Node.Incarnation}", $"{status.State}", [.. status.Contexts]);
}
