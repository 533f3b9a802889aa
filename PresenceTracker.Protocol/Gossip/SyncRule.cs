using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// When this node counts as synced: when it has what synced peers had as it joined; by agreement among nodes that all start anew; or
/// alone. Once synced, it stays so.
/// </summary>
internal sealed class SyncRule(GossipOptions options, PeerTable peers, ContextTable contexts, TokenSource tokens)
{
    // One peer may lag behind the cluster; three that all lag are unlikely. Our guess.
    private const int PeersRequired = 3;

    private readonly SyncTarget _target = new(contexts, options.AgreementWait);
    private int? _unansweredSeeds;
    private bool _isStarted;
    private bool _hasMetAnyone;
    private bool _isAlone;
    private MonotonicTime _aloneSince;
    private MonotonicTime _firstPeerAt;
    private (ulong Token, MonotonicTime At)? _timer;

    public bool IsSynced { get; private set; }

    public void Start(MonotonicTime now)
    {
        _isStarted = true;
        _aloneSince = now;
    }

    public void SeedsPending(int unanswered) => _unansweredSeeds = unanswered;

    /// <summary>To be told after the peer was added.</summary>
    public void PeerAdded(MonotonicTime now, List<GossipEffect> effects)
    {
        _hasMetAnyone = true;
        if (peers.Count == 1)
        {
            _firstPeerAt = now;
        }

        if (_isAlone)
        {
            Become(isAlone: false, effects);
        }
    }

    /// <summary>To be told after the peer was removed.</summary>
    public void PeerRemoved(MonotonicTime now)
    {
        if (peers.Count == 0)
        {
            _aloneSince = now;
        }
    }

    public void ReplicaRemoved(ReplicaId replica) => _target.Remove(replica);

    /// <summary>All contexts of a synced peer were read, and these differed from ours.</summary>
    public void PeerRead(ImmutableArray<ReplicaContext> read, MonotonicTime now) => _target.Add(read, now);

    public void TimerFired(ulong token)
    {
        if (token == _timer?.Token)
        {
            _timer = null;
        }
    }

    /// <summary>To be called after every input: any of them may have been what was waited for.</summary>
    public void Evaluate(NodeId self, MonotonicTime now, List<GossipEffect> effects)
    {
        if (IsSynced || !_isStarted)
        {
            return;
        }

        var due = peers.Count == 0 ? EvaluateAlone(now, effects) : EvaluateAmongPeers(self, now, effects);
        if (IsSynced || due is null || _timer?.At <= due)
        {
            return;
        }

        _timer = (tokens.Next(), due.Value);
        effects.Add(new GossipEffect.ScheduleTimer(new GossipTimer.SyncDue(_timer.Value.Token), due.Value - now));
    }

    private MonotonicTime? EvaluateAlone(MonotonicTime now, List<GossipEffect> effects)
    {
        var due = _aloneSince + options.AloneWait;
        if (_unansweredSeeds == 0 && !_hasMetAnyone)
        {
            Become(isAlone: false, effects);
        }
        else if (now >= due)
        {
            Become(isAlone: true, effects);
        }

        return due;
    }

    private MonotonicTime? EvaluateAmongPeers(NodeId self, MonotonicTime now, List<GossipEffect> effects)
    {
        // Deviation: a peer that is itself not synced does not count as one to be read. Two nodes that join at the same time would wait for each other.
        var required = Math.Clamp(peers.All.Count(peer => peer.IsSynced != false), 1, PeersRequired);
        MonotonicTime? due = null;
        if (_target.PeersRead >= required && _target.IsReached(now, out due))
        {
            Become(isAlone: false, effects);
        }
        else if (_target.PeersRead == 0 && peers.All.All(peer => peer.IsSynced == false && Precedes(self, peer.Id)))
        {
            due = _firstPeerAt + options.AgreementWait;
            if (_unansweredSeeds == 0 || now >= due)
            {
                Become(isAlone: false, effects);
            }
        }

        return due;
    }

    /// <summary>Nodes that see each other agree on the one that has lived longest.</summary>
    private static bool Precedes(NodeId self, NodeId other)
    {
        var byIncarnation = self.Incarnation.CompareTo(other.Incarnation);
        return byIncarnation != 0 ? byIncarnation < 0 : string.CompareOrdinal(self.Address, other.Address) < 0;
    }

    private void Become(bool isAlone, List<GossipEffect> effects)
    {
        IsSynced = true;
        _isAlone = isAlone;
        effects.Add(new GossipEffect.BecameSynced(isAlone));
    }
}
