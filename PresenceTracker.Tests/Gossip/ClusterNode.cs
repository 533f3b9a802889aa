using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Tests.Gossip;

/// <summary>
/// A node of a <see cref="GossipCluster"/>: the gossip core, and shards that know no more of a replica than its context. Each shard works in
/// order, but takes a random while, so that different shards finish out of order.
/// </summary>
internal sealed class ClusterNode
{
    private const int PartsMax = 4;
    private const ulong DotsPerPart = 50;

    private readonly GossipCluster _cluster;
    private readonly GossipCore _core;
    private readonly SortedDictionary<ReplicaId, ulong> _contexts = [];
    private readonly SortedDictionary<int, MonotonicTime> _shardBusyUntil = [];
    private readonly Queue<GossipInput> _backlog = new();

    public ClusterNode(GossipCluster cluster, NodeId id, Prng prng)
    {
        _cluster = cluster;
        Id = id;
        _core = new GossipCore(cluster.Options, id, prng);
    }

    public NodeId Id { get; }

    public bool IsSynced { get; private set; }

    public bool IsAlone { get; private set; }

    /// <summary>A paused node handles nothing; what arrives meanwhile is handled afterwards, in order.</summary>
    public bool IsPaused { get; private set; }

    public List<GossipViolation> Violations { get; } = [];

    public IEnumerable<(ReplicaId, ulong)> ContextsOf(NodeId node) =>
        _contexts.Where(pair => pair.Key.Node == node).Select(pair => (pair.Key, pair.Value));

    public void Start(int unansweredSeeds)
    {
        Give(new GossipInput.SeedsPending(unansweredSeeds));
        Give(new GossipInput.Started());
        Hold(Id);
    }

    public void Meet(NodeId peer)
    {
        Give(new GossipInput.PeerUp(peer));
        Hold(peer);
    }

    public void Lose(NodeId peer)
    {
        Give(new GossipInput.PeerGone(peer));
        for (var shard = 0; shard < _cluster.Options.ShardCount; shard++)
        {
            Give(new GossipInput.ReplicaRemoved(CoreDriver.Replica(peer, shard)));
        }
    }

    /// <summary>The shard writes that many dots to its own replica, each of about that many bytes, and flushes them.</summary>
    public void Write(int shard, ulong dots = 1, int bytes = 0)
    {
        var replica = CoreDriver.Replica(Id, shard);
        var from = _contexts[replica];
        _contexts[replica] += dots;
        Give(new GossipInput.ContextMoved(replica, Position(replica)));
        Give(new GossipInput.LocalChange([CoreDriver.Delta(replica, from, from + dots, bytes: bytes)]));
    }

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        while (_backlog.TryDequeue(out var input))
        {
            Give(input);
        }
    }

    public void Give(GossipInput input)
    {
        if (IsPaused)
        {
            _backlog.Enqueue(input);
            return;
        }

        var effects = new List<GossipEffect>();
        _core.Handle(input, _cluster.Now, effects);
        foreach (var effect in effects)
        {
            Interpret(effect);
        }
    }

    public override string ToString() => $"{Id.Address} {(IsSynced ? "synced" : "not synced")}: {string.Join(", ", _contexts.Where(pair => pair.Value > 0).Select(pair => $"{pair.Key.Node.Address}/{pair.Key.Shard}={pair.Value}"))}";

    private void Hold(NodeId node)
    {
        for (var shard = 0; shard < _cluster.Options.ShardCount; shard++)
        {
            var replica = CoreDriver.Replica(node, shard);
            _contexts[replica] = _contexts.GetValueOrDefault(replica);
            Give(new GossipInput.ReplicaAdded(replica, Position(replica)));
        }
    }

    private void Interpret(GossipEffect effect)
    {
        switch (effect)
        {
            case GossipEffect.SendMessage send:
                _cluster.Send(this, send.To, send.Message);
                break;
            case GossipEffect.ScheduleTimer schedule:
                _cluster.At(schedule.After, () => Give(new GossipInput.TimerFired(schedule.Timer)));
                break;
            case GossipEffect.DeliverDots deliver:
                _cluster.At(ShardDelay(deliver.Dots.Replica), () => Apply(deliver));
                break;
            case GossipEffect.ServePull serve:
                _cluster.At(ShardDelay(serve.Replica), () => Serve(serve));
                break;
            case GossipEffect.SyncedChanged changed:
                IsSynced = changed.Synced;
                IsAlone = changed.Alone;
                break;
            case GossipEffect.ReportViolation report:
                Violations.Add(report.Violation);
                break;
        }
    }

    private void Apply(GossipEffect.DeliverDots deliver)
    {
        var dots = deliver.Dots;
        var context = _contexts[dots.Replica];
        if (dots.From <= context && dots.To > context)
        {
            _contexts[dots.Replica] = dots.To;
            Give(new GossipInput.ContextMoved(dots.Replica, Position(dots.Replica)));
        }
        else if (dots.From > context && deliver.PushNumber > 0)
        {
            Give(new GossipInput.GapFound(dots.Replica, deliver.From));
        }

        if (deliver.PushNumber > 0)
        {
            Give(new GossipInput.PushHandled(deliver.From, deliver.PushNumber));
        }
    }

    private void Serve(GossipEffect.ServePull serve)
    {
        var parts = ImmutableArray.CreateBuilder<Dots>();
        var context = _contexts[serve.Replica];
        for (var from = serve.Position.Context; from < context && parts.Count < PartsMax; from = parts[^1].To)
        {
            parts.Add(CoreDriver.Delta(serve.Replica, from, Math.Min(from + DotsPerPart, context), horizon: context));
        }

        Give(new GossipInput.PullServed(serve.To, serve.Token, serve.Replica, parts.ToImmutable()));
    }

    private PullPosition Position(ReplicaId replica) => new(_contexts[replica], CoveredTo: 0, CoveredAsOf: 0);

    private TimeSpan ShardDelay(ReplicaId replica)
    {
        var done = _cluster.Now + TimeSpan.FromMicroseconds(50 + _cluster.Random(1_000));
        var earlier = _shardBusyUntil.GetValueOrDefault(replica.Shard);
        _shardBusyUntil[replica.Shard] = earlier > done ? earlier : done;
        return _shardBusyUntil[replica.Shard] - _cluster.Now;
    }
}
