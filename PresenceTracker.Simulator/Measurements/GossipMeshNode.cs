using System.Collections.Immutable;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>A node of a <see cref="GossipMesh"/>: the cores hand to each other what they say, in its order and in no time.</summary>
internal sealed class GossipMeshNode
{
    private static readonly Meta Meta = Meta.TryParse("""{"name":"somebody","status":"online"}""", out _)!;

    private readonly GossipMesh _mesh;
    private readonly GossipCore _gossip;
    private readonly BroadcastCore _broadcast;
    private readonly List<BroadcastEffect> _broadcastEffects = [];
    private readonly ReplicationCore[] _shards;
    private readonly SortedDictionary<ReplicaId, ulong> _contexts = [];
    private readonly SortedDictionary<ReplicaId, PullPosition> _positions = [];
    private readonly Queue<Action> _mailbox = [];
    private readonly List<GossipEffect> _gossipEffects = [];
    private readonly List<ReplicationEffect> _replicationEffects = [];
    private ulong _lastWrite;
    private bool _isHandling;
    private bool _hasEnded;

    public GossipMeshNode(GossipMesh mesh, NodeId id, Prng prng)
    {
        _mesh = mesh;
        Id = id;
        _gossip = new GossipCore(mesh.Gossip, id, prng);
        _broadcast = new BroadcastCore(new BroadcastOptions(), id);
        _shards = [.. Enumerable.Range(0, mesh.Gossip.ShardCount).Select(shard => new ReplicationCore(
            mesh.Replication, new ReplicaId(id, shard, 0), PublishedState.Empty))];
    }

    public NodeId Id { get; }

    /// <summary>What readers see of each replica.</summary>
    public IReadOnlyDictionary<ReplicaId, ulong> Contexts => _contexts;

    /// <summary>Every replica that the shards hold.</summary>
    public IEnumerable<ReplicaId> Replicas => _shards.SelectMany(shard => shard.Replicas);

    /// <summary>Where a shard last said that it stands on the replica.</summary>
    public PullPosition PositionOf(ReplicaId replica) => _positions[replica];

    /// <summary>What the operation logs of the shards take.</summary>
    public long LogBytes => _shards.Sum(shard => shard.LogBytes);

    public void Start()
    {
        // With nobody to wait for it is synced at once, as it is in a cluster that has run for a while.
        Handle(new GossipInput.SeedsPending(0));
        Handle(new GossipInput.Started());
        for (var shard = 0; shard < _shards.Length; shard++)
        {
            Handle(shard, new ReplicationInput.Started());
        }
    }

    public void End() => _hasEnded = true;

    public void Meet(NodeId peer, bool isPeer, bool isWriter)
    {
        if (isPeer)
        {
            Handle(new GossipInput.PeerUp(peer));
        }

        if (isWriter)
        {
            Tell(new MembershipEffect.NodeUp(new NodeRecord(peer, 0, [])));
        }
    }

    /// <summary>Broadcasts over links to these from now on.</summary>
    public void Link(ImmutableArray<NodeId> neighbors)
    {
        Handle(new GossipInput.LinksChanged(neighbors));
        foreach (var neighbor in neighbors)
        {
            Handle(new BroadcastInput.NeighborUp(neighbor));
        }
    }

    public void Receive(NodeId from, BroadcastMessage message)
    {
        if (message is BroadcastMessage.Gossip gossip) _mesh.DotsReceived += PublishedAs(gossip.Payload).Entries.Length;
        Handle(new BroadcastInput.MessageReceived(from, message));
    }

    public void Forget(NodeId peer)
    {
        Handle(new GossipInput.PeerGone(peer));
        Tell(new MembershipEffect.NodeRemoved(peer, LeaveReason.NodeDown));
    }

    /// <summary>Callers track somebody new each, in one batch.</summary>
    public void Track(int shard, int count = 1) => Write(shard, Enumerable.Range(0, count).Select(_ => Track()));

    /// <summary>Somebody comes and goes again, that often.</summary>
    public void TrackAndUntrack(int shard, int count) => Write(shard, Enumerable.Range(0, count).SelectMany(_ =>
    {
        var track = Track();
        return new WriteOperation[] { track, new WriteOperation.Untrack(track.Id, RemovalCause.Untracked) };
    }));

    public void Handle(GossipInput input) => Enqueue(() =>
    {
        _gossip.Handle(input, _mesh.Events.Now, _gossipEffects);
        var effects = _gossipEffects.ToArray();
        _gossipEffects.Clear();
        foreach (var effect in effects)
        {
            Carry(effect);
        }
    });

    private void Tell(MembershipEffect effect)
    {
        for (var shard = 0; shard < _shards.Length; shard++)
        {
            Handle(shard, new ReplicationInput.FromMembership(effect));
        }
    }

    private WriteOperation.Track Track()
    {
        var number = ++_lastWrite;
        return new WriteOperation.Track(
            new PresenceId("room:1", $"user{number}", $"connection:{number}"), $"{number}", Meta, TimeSpan.Zero, OrUpdate: false);
    }

    private void Write(int shard, IEnumerable<WriteOperation> operations) =>
        Handle(shard, new ReplicationInput.Write(0, [.. operations], MayBeRefused: false));

    private void Handle(int shard, ReplicationInput input) => Enqueue(() =>
    {
        _shards[shard].Handle(input, _mesh.Events.Now, _replicationEffects);
        var effects = _replicationEffects.ToArray();
        _replicationEffects.Clear();
        foreach (var effect in effects)
        {
            Carry(shard, effect);
        }
    });

    private void Enqueue(Action action)
    {
        if (_hasEnded)
        {
            return;
        }

        _mailbox.Enqueue(action);
        if (_isHandling)
        {
            return;
        }

        _isHandling = true;
        while (_mailbox.TryDequeue(out var next))
        {
            next();
        }

        _isHandling = false;
    }

    private void Carry(GossipEffect effect)
    {
        switch (effect)
        {
            case GossipEffect.SendMessage(var to, var message):
                _mesh.Send(this, to, message);
                break;
            case GossipEffect.ScheduleTimer(var timer, var after):
                _mesh.Events.After(after, () => Handle(new GossipInput.TimerFired(timer)));
                break;
            case GossipEffect.Publish(var dots):
                _mesh.Published.Add(dots);
                Handle(new BroadcastInput.Publish([.. BitConverter.GetBytes(_mesh.Published.Count - 1)]));
                break;
            case GossipEffect.DeliverDots delivery:
                // Those of a broadcast were counted when they came, each time.
                if (!delivery.IsBroadcast) _mesh.DotsReceived += delivery.Dots.Entries.Length;
                Handle(delivery.Dots.Replica.Shard, new ReplicationInput.FromGossip(delivery));
                break;
            case GossipEffect.ServePull pull:
                Handle(pull.Replica.Shard, new ReplicationInput.FromGossip(pull));
                break;
            default:
                // Who is synced and what a returned node is shown at is nothing that is measured here.
                break;
        }
    }

    private void Handle(BroadcastInput input) => Enqueue(() =>
    {
        _broadcast.Handle(input, _mesh.Events.Now, _broadcastEffects);
        var effects = _broadcastEffects.ToArray();
        _broadcastEffects.Clear();
        foreach (var effect in effects)
        {
            Carry(effect);
        }
    });

    private void Carry(BroadcastEffect effect)
    {
        switch (effect)
        {
            case BroadcastEffect.SendMessage(var to, var message):
                _mesh.Send(this, to, message);
                break;
            case BroadcastEffect.ScheduleTimer(var timer, var after):
                _mesh.Events.After(after, () => Handle(new BroadcastInput.TimerFired(timer)));
                break;
            case BroadcastEffect.Deliver deliver:
                Handle(new GossipInput.BroadcastReceived(deliver.From, PublishedAs(deliver.Payload)));
                break;
            default:
                // A payload that comes again while the tree forms is counted where it comes.
                break;
        }
    }

    private Dots PublishedAs(ImmutableArray<byte> payload) => _mesh.Published[BitConverter.ToInt32(payload.AsSpan())];

    private void Carry(int shard, ReplicationEffect effect)
    {
        switch (effect)
        {
            case ReplicationEffect.TellGossip(var input):
                Note(input);
                Handle(input);
                break;
            case ReplicationEffect.ScheduleTimer(var timer, var after):
                _mesh.Events.After(after, () => Handle(shard, new ReplicationInput.TimerFired(timer)));
                break;
            case ReplicationEffect.PublishContext(var replica, var context):
                _contexts[replica] = context;
                _mesh.ContextShown(this, replica, context);
                break;
            case ReplicationEffect.ForgetContext(var replica):
                _contexts.Remove(replica);
                break;
            default:
                // Readers and callers are nothing that is measured here.
                break;
        }
    }

    private void Note(GossipInput input)
    {
        switch (input)
        {
            case GossipInput.ReplicaAdded added:
                _positions[added.Replica] = added.Position;
                break;
            case GossipInput.ContextMoved moved:
                _positions[moved.Replica] = moved.Position;
                break;
        }
    }
}
