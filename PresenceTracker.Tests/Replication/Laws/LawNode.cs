using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>One node of a law's world: a presence set, its reader, what it knows of the others, and the record of what it did.</summary>
internal sealed class LawNode
{
    private readonly LawWorld _world;
    private readonly List<ReplicaId> _replicasSeen = [];
    private ulong _replicasVersion;
    private Presence? _held;

    public LawNode(LawWorld world, string address, ulong counter)
    {
        _world = world;
        Address = address;
        Records.Add(new NodeRecord(new NodeId(address, new Incarnation(counter, counter)), 1, []));
        (Set, History, Reader) = Begin(version: 0);
    }

    public string Address { get; }

    /// <summary>What the node ever said of itself; the last is true now.</summary>
    public List<NodeRecord> Records { get; } = [];

    public NodeRecord Record => Records[^1];

    public PresenceSet Set { get; private set; }

    public ReplicaHistory History { get; private set; }

    public LawReader Reader { get; private set; }

    public SortedDictionary<string, LawPeer> Peers { get; } = new(StringComparer.Ordinal);

    public ulong PushedTo { get; set; }

    public void Track(PresenceId id, Meta meta)
    {
        var existing = Set.Own(id);
        var term = LawWorld.IsLease(id) && existing is null ? Set.NextTerm(id) : 0;
        var result = Set.Track(id, _world.NextRef(), meta, LawWorld.GraceOf(id), term);
        if (existing is not null)
        {
            Assert.Equal(new TrackResult(TrackStatus.AlreadyTracked, existing.Ref), result);
            Release(existing);
            return;
        }

        Assert.Equal(TrackStatus.Tracked, result.Status);
        History.Write(Set.Own(id)!);
        NoteEnded(RemovalCause.Replaced);
    }

    public void Update(PresenceId id, Meta meta)
    {
        var existing = Set.Own(id);
        var result = Set.Update(id, _world.NextRef(), meta);
        if (existing is null)
        {
            Assert.Equal(TrackStatus.NotTracked, result.Status);
            return;
        }

        Assert.Equal(existing.Meta.StructurallyEquals(meta) ? TrackStatus.Unchanged : TrackStatus.Updated, result.Status);
        if (result.Status == TrackStatus.Updated)
        {
            History.Replace(existing, Set.Own(id)!);
            _held = _held == existing ? Set.Own(id) : _held;
            _world.Saw(LawClass.Update);
        }
    }

    public void Untrack(PresenceId id)
    {
        var existing = Set.Own(id);
        var result = Set.Untrack(id, RemovalCause.Untracked);
        Assert.Equal(existing is null ? TrackStatus.NotTracked : TrackStatus.Untracked, result.Status);
        if (existing is not null)
        {
            Release(existing);
            History.Remove(existing, RemovalCause.Untracked);
        }
    }

    // One at a time, so that it is known what ended when the set ends a hold by itself.
    public void Disconnect(PresenceId id)
    {
        if (_held is null && Set.Own(id) is { } existing && existing.LeaveGrace > TimeSpan.Zero)
        {
            Assert.Equal(TrackStatus.Tracked, Set.Disconnect(id, _world.Now).Status);
            _held = existing;
            _world.Saw(LawClass.Hold);
        }
    }

    public void ExpireHolds()
    {
        Set.ExpireHolds(_world.Now);
        NoteEnded(RemovalCause.ConnectionLost);
    }

    /// <summary>After any call that may have ended a hold, or a lease that another node has too.</summary>
    public void NoteEnded(RemovalCause cause)
    {
        if (Set.Context == History.Version)
        {
            return;
        }

        var turn = Set.CompleteTurn();
        foreach (var id in turn.OwnEnded)
        {
            var ended = History.LiveAt(History.Version).Single(presence => presence.Id == id);
            Assert.Null(Set.Own(id));
            if (ended == _held)
            {
                History.Remove(ended, cause);
                _held = null;
                continue;
            }

            Assert.True(ended.Term > 0, "only a hold or a lease ends by itself");
            History.Remove(ended, RemovalCause.Replaced);
            _world.Saw(LawClass.Yield);
        }

        Assert.Equal(History.Version, Set.Context);
        Read(turn);
    }

    /// <summary>The shard crashes and comes back with the next epoch, and the node perhaps under a higher incarnation.</summary>
    public void StartEpoch(NodeId node)
    {
        CompleteTurn();
        var live = History.LiveAt(History.Version).ToList();
        var epoch = Set.Self.Epoch + 1;
        Records.Add(new NodeRecord(node, 1, [new ShardEpoch(LawWorld.Shard, epoch, (ulong)live.Count)]));
        (Set, History, Reader) = Begin(Set.CompleteTurn().Version);
        PushedTo = 0;
        _held = null;
        foreach (var presence in live)
        {
            var id = new PresenceId(presence.Topic, presence.Key, presence.Owner);
            Set.Track(id, presence.Ref, presence.Meta, presence.LeaveGrace, presence.Term);
            History.Write(Set.Own(id)!);
        }

        foreach (var (address, peer) in Peers)
        {
            var record = _world.NodeAt(address).Records[peer.RecordIndex];
            switch (peer.State)
            {
                case LawPeerState.Up or LawPeerState.Returning:
                    peer.State = LawPeerState.Up;
                    Set.NodeUp(record);
                    break;
                default:
                    // A node that is down is unknown to the new epoch until it returns.
                    break;
            }
        }

        CompleteTurn();
    }

    /// <summary>Another process starts at the address, and knows of nothing.</summary>
    public void Restart(NodeId node)
    {
        Records.Add(new NodeRecord(node, 1, []));
        (Set, History, Reader) = Begin(version: 0);
        PushedTo = 0;
        _held = null;
        Peers.Clear();
        foreach (var other in _world.Nodes.Where(other => other != this))
        {
            Meet(other);
        }
    }

    public void Meet(LawNode other)
    {
        Peers[other.Address] = new LawPeer { RecordIndex = other.Records.Count - 1 };
        Set.NodeUp(other.Record);
    }

    public void CompleteTurn() => Read(Set.CompleteTurn());

    private void Read(Turn turn)
    {
        Reader.Read(turn);
        if (Set.ReplicasVersion == _replicasVersion)
        {
            return;
        }

        _replicasVersion = Set.ReplicasVersion;
        foreach (var gone in _replicasSeen.Except(Set.Replicas).ToList())
        {
            var known = Peers.TryGetValue(gone.Node.Address, out var peer)
                ? _world.NodeAt(gone.Node.Address).Records[peer.RecordIndex].ReplicaOf(LawWorld.Shard)
                : null;
            if (gone == known)
            {
                Reader.Forget(gone);
            }
            else
            {
                Reader.Supersede(gone);
            }
        }

        _replicasSeen.Clear();
        _replicasSeen.AddRange(Set.Replicas);
    }

    private void Release(Presence existing)
    {
        if (_held?.Dot == existing.Dot)
        {
            _held = null;
        }
    }

    private (PresenceSet Set, ReplicaHistory History, LawReader Reader) Begin(ulong version)
    {
        var replica = Record.ReplicaOf(LawWorld.Shard);
        var set = new PresenceSet(replica, _world.Options, version);
        _replicasSeen.Clear();
        _replicasVersion = 0;
        return (set, _world.BeginHistory(replica), new LawReader(set, _world.HistoryOf));
    }
}
