using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Tests.Gossip;

/// <summary>
/// A node of a <see cref="GossipCluster"/>: the gossip core and the sets of its shards. Each shard works in order, but takes a random while, so
/// that different shards finish out of order.
/// </summary>
internal sealed class ClusterNode
{
    private const int PartsMax = 4;

    private readonly GossipCluster _cluster;
    private readonly GossipCore _core;
    private readonly PresenceSet[] _sets;
    private readonly SortedDictionary<int, MonotonicTime> _shardBusyUntil = [];
    private readonly Queue<GossipInput> _backlog = new();

    public ClusterNode(GossipCluster cluster, NodeId id, Prng prng)
    {
        _cluster = cluster;
        Id = id;
        _core = new GossipCore(cluster.Options, id, prng);
        _sets = [.. Enumerable.Range(0, cluster.Options.ShardCount).Select(shard => new PresenceSet(CoreDriver.Replica(id, shard), cluster.SetOptions))];
    }

    public NodeId Id { get; }

    public bool IsSynced { get; private set; }

    public bool IsAlone { get; private set; }

    /// <summary>A paused node handles nothing; what arrives meanwhile is handled afterwards, in order.</summary>
    public bool IsPaused { get; private set; }

    public List<GossipViolation> Violations { get; } = [];

    public int ChunksServed { get; private set; }

    public IEnumerable<(ReplicaId, ulong)> ContextsOf(NodeId node) =>
        _sets.Select(set => CoreDriver.Replica(node, set.Self.Shard)).Select(replica => (replica, _sets[replica.Shard].PositionOf(replica)?.Context ?? 0));

    public void Start(int unansweredSeeds)
    {
        Give(new GossipInput.SeedsPending(unansweredSeeds));
        Give(new GossipInput.Started());
        foreach (var set in _sets)
        {
            Hold(set, Id);
        }
    }

    /// <summary>The membership holds the peer as up: for the first time, or again.</summary>
    public void Meet(NodeId peer)
    {
        Give(new GossipInput.PeerUp(peer));
        foreach (var set in _sets)
        {
            var node = new NodeRecord(peer, Refutation: 0, Epochs: []);
            if (set.PositionOf(CoreDriver.Replica(peer, set.Self.Shard)) is null)
            {
                set.NodeUp(node);
            }
            else
            {
                set.NodeReturned(node);
            }

            Hold(set, peer);
        }
    }

    /// <summary>The membership holds the peer as down.</summary>
    public void Lose(NodeId peer)
    {
        Give(new GossipInput.PeerGone(peer));
        foreach (var set in _sets)
        {
            set.NodeDown(peer, _cluster.Now);
            Give(new GossipInput.ReplicaRemoved(CoreDriver.Replica(peer, set.Self.Shard)));
        }
    }

    /// <summary>
    /// The shard makes that many changes, of about that many bytes each, and flushes them: 200 keys come and then change, so that there is more
    /// to forget than to know.
    /// </summary>
    public void Write(int shard, int changes = 1, int bytes = 0)
    {
        var set = _sets[shard];
        var from = set.Context;
        for (var i = 0; i < changes; i++)
        {
            var sequence = set.Context + 1;
            var id = new PresenceId("topic", $"{sequence % 200}{new string('k', bytes)}", "test:1");
            var meta = Meta.TryParse($$"""{"n":{{sequence}}}""", out _)!;
            if (set.Track(id, $"{sequence}", meta, TimeSpan.Zero).Status == TrackStatus.AlreadyTracked)
            {
                set.Update(id, $"{sequence}", meta);
            }
        }

        Give(new GossipInput.ContextMoved(set.Self, At(set.Self)));
        Give(new GossipInput.LocalChange(set.OwnOperationsAfter(from)));
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

    public override string ToString() =>
        $"{Id.Address} {(IsSynced ? "synced" : "not synced")}: {string.Join(", ", _cluster.Nodes.SelectMany(node => ContextsOf(node.Id)))}";

    private void Hold(PresenceSet set, NodeId node)
    {
        var replica = CoreDriver.Replica(node, set.Self.Shard);
        Give(new GossipInput.ReplicaAdded(replica, At(replica)));
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
            case GossipEffect.BecameSynced synced:
                IsSynced = true;
                IsAlone = synced.Alone;
                break;
            case GossipEffect.ReportViolation report:
                Violations.Add(report.Violation);
                break;
        }
    }

    private void Apply(GossipEffect.DeliverDots deliver)
    {
        var replica = deliver.Dots.Replica;
        var before = At(replica);
        var verdict = _sets[replica.Shard].Apply(deliver.Dots);
        if (At(replica) != before)
        {
            Give(new GossipInput.ContextMoved(replica, At(replica)));
        }

        if (deliver.PushNumber == 0)
        {
            return;
        }

        if (verdict == ApplyVerdict.Incomplete && At(replica).Context < deliver.Dots.To)
        {
            Give(new GossipInput.GapFound(replica, deliver.From));
        }

        Give(new GossipInput.PushHandled(deliver.From, deliver.PushNumber));
    }

    private void Serve(GossipEffect.ServePull serve)
    {
        var parts = _sets[serve.Replica.Shard].Serve(serve.Replica, serve.Position, PartsMax);
        ChunksServed += parts.Count(part => !part.IsDelta);
        Give(new GossipInput.PullServed(serve.To, serve.Token, serve.Replica, parts));
    }

    private PullPosition At(ReplicaId replica) => _sets[replica.Shard].PositionOf(replica)!.Value;

    private TimeSpan ShardDelay(ReplicaId replica)
    {
        var done = _cluster.Now + TimeSpan.FromMicroseconds(50 + _cluster.Random(1_000));
        var earlier = _shardBusyUntil.GetValueOrDefault(replica.Shard);
        _shardBusyUntil[replica.Shard] = earlier > done ? earlier : done;
        return _shardBusyUntil[replica.Shard] - _cluster.Now;
    }
}
