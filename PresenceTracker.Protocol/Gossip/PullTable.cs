using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// The replicas of which peers hold more than we do, and the pulls for them: one outstanding per replica, a bounded number in all. Only the
/// receiver asks, so what arrives is never more than it asked for.
/// </summary>
internal sealed class PullTable(GossipOptions options, ContextTable contexts, TokenSource tokens)
{
    // Enough to ask elsewhere when a source fails; the next digest names others.
    private const int SourcesMax = 4;

    private readonly SortedDictionary<ReplicaId, Wanted> _wanted = [];
    private int _outstanding;

    /// <summary>A peer holds the replica, which is held here and not our own, up to that context.</summary>
    public void Offer(ReplicaId replica, PullSource source, MonotonicTime now, List<GossipEffect> effects)
    {
        if (contexts.PositionOf(replica) is not { } position || position.Context >= source.Context)
        {
            return;
        }

        if (!_wanted.TryGetValue(replica, out var wanted))
        {
            wanted = new Wanted();
            _wanted.Add(replica, wanted);
        }

        wanted.Add(source);
        StartWaiting(replica, wanted, now, effects);
    }

    /// <summary>A shard lacks what lies before a push; its sender must have it.</summary>
    public void OfferGap(ReplicaId replica, NodeId via, MonotonicTime now, List<GossipEffect> effects)
    {
        if (contexts.PositionOf(replica) is { } position)
        {
            Offer(replica, new PullSource(via, position.Context + 1), now, effects);
        }
    }

    /// <summary>A shard has applied something of the replica.</summary>
    public void Moved(ReplicaId replica, MonotonicTime now, List<GossipEffect> effects)
    {
        if (_wanted.TryGetValue(replica, out var wanted))
        {
            Continue(replica, wanted, now, effects);
        }
    }

    /// <summary>A part of an answer came. Its dots are data whatever its token; only the awaited one counts here.</summary>
    public void Answered(NodeId from, GossipMessage.PullReply reply, MonotonicTime now, List<GossipEffect> effects)
    {
        if (!_wanted.TryGetValue(reply.Replica, out var wanted)
            || wanted.Pull is not { } pull || pull.Token != reply.Token || pull.Peer != from)
        {
            return;
        }

        pull.Take(reply.Dots, reply.Last, now);
        if (reply.Dots is { } dots)
        {
            wanted.Add(new PullSource(from, dots.Horizon));
        }

        if (reply.Last && !pull.IsUseful)
        {
            GiveUp(reply.Replica, wanted, now, effects);
            return;
        }

        Continue(reply.Replica, wanted, now, effects);
    }

    public void TimerFired(GossipTimer.PullOverdue timer, MonotonicTime now, List<GossipEffect> effects)
    {
        if (!_wanted.TryGetValue(timer.Replica, out var wanted) || wanted.Pull is not { } pull || pull.Token != timer.Token)
        {
            return;
        }

        var quiet = now - pull.LastProgress;
        if (quiet >= options.PullTimeout)
        {
            GiveUp(timer.Replica, wanted, now, effects);
            return;
        }

        effects.Add(new GossipEffect.ScheduleTimer(timer, options.PullTimeout - quiet));
    }

    /// <summary>The peer will not answer any more: ask another one at once.</summary>
    public void Forget(NodeId peer, MonotonicTime now, List<GossipEffect> effects)
    {
        foreach (var (replica, wanted) in _wanted.ToList())
        {
            wanted.Remove(peer);
            DropIfDone(replica, wanted);
        }

        foreach (var (replica, wanted) in _wanted.Where(pair => pair.Value.Pull?.Peer == peer).ToList())
        {
            GiveUp(replica, wanted, now, effects);
        }
    }

    /// <summary>The replica is no longer held.</summary>
    public void Forget(ReplicaId replica, MonotonicTime now, List<GossipEffect> effects)
    {
        if (_wanted.Remove(replica, out var wanted) && wanted.Pull is not null)
        {
            _outstanding--;
            StartNext(now, effects);
        }
    }

    private void Continue(ReplicaId replica, Wanted wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        var position = contexts.PositionOf(replica)!.Value;
        wanted.DropReached(position.Context);
        if (wanted.Pull is not { } pull)
        {
            DropIfDone(replica, wanted);
            return;
        }

        if (!pull.IsAppliedAt(position))
        {
            return;
        }

        if (wanted.Has(pull.Peer))
        {
            Send(replica, wanted, pull.Peer, now, effects);
            return;
        }

        End(replica, wanted, now, effects);
    }

    /// <summary>The source did not deliver: it is asked again only after it has offered again.</summary>
    private void GiveUp(ReplicaId replica, Wanted wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        wanted.Remove(wanted.Pull!.Peer);
        wanted.DropReached(contexts.PositionOf(replica)!.Value.Context);
        End(replica, wanted, now, effects);
    }

    private void End(ReplicaId replica, Wanted wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        wanted.Pull = null;
        _outstanding--;
        StartWaiting(replica, wanted, now, effects);
        DropIfDone(replica, wanted);
        StartNext(now, effects);
    }

    private void DropIfDone(ReplicaId replica, Wanted wanted)
    {
        if (wanted.Pull is null && wanted.Best is null)
        {
            _wanted.Remove(replica);
        }
    }

    /// <summary>Whatever waits has a source, so at most as many entries as there are pulls are looked at before one is found.</summary>
    private void StartNext(MonotonicTime now, List<GossipEffect> effects)
    {
        if (_outstanding >= options.PullsMax)
        {
            return;
        }

        foreach (var (replica, wanted) in _wanted)
        {
            if (wanted.Pull is null)
            {
                StartWaiting(replica, wanted, now, effects);
                return;
            }
        }
    }

    private void StartWaiting(ReplicaId replica, Wanted wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        if (wanted.Pull is null && wanted.Best is { } best && _outstanding < options.PullsMax)
        {
            _outstanding++;
            Send(replica, wanted, best.Peer, now, effects);
        }
    }

    private void Send(ReplicaId replica, Wanted wanted, NodeId peer, MonotonicTime now, List<GossipEffect> effects)
    {
        var position = contexts.PositionOf(replica)!.Value;
        var token = tokens.Next();
        wanted.Pull = new OutstandingPull(token, peer, position, now);
        effects.Add(new GossipEffect.SendMessage(peer, new GossipMessage.Pull(token, replica, position)));
        effects.Add(new GossipEffect.ScheduleTimer(new GossipTimer.PullOverdue(replica, token), options.PullTimeout));
    }

    private sealed class Wanted
    {
        private readonly List<PullSource> _sources = [];

        public OutstandingPull? Pull { get; set; }

        /// <summary>The source that offered the most, the latest of equals.</summary>
        public PullSource? Best => _sources.Count == 0 ? null : _sources.OrderBy(source => source.Context).Last();

        public bool Has(NodeId peer) => _sources.Exists(source => source.Peer == peer);

        public void Add(PullSource source)
        {
            var known = _sources.FindIndex(other => other.Peer == source.Peer);
            if (known >= 0)
            {
                _sources[known] = source with { Context = Math.Max(source.Context, _sources[known].Context) };
                return;
            }

            if (_sources.Count == SourcesMax)
            {
                _sources.RemoveAt(0);
            }

            _sources.Add(source);
        }

        public void Remove(NodeId peer) => _sources.RemoveAll(source => source.Peer == peer);

        public void DropReached(ulong context) => _sources.RemoveAll(source => source.Context <= context);
    }
}
