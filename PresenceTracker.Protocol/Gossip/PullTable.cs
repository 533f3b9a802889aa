using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// The replicas of which peers hold more than we do, and the pulls for them: one outstanding per replica, a bounded number in all. Only the
/// receiver asks, so what arrives is never more than it asked for.
/// </summary>
/// <remarks>
/// An answer that should be small and does not come is asked for again soon, of another source if there is one: a few changes cost less to
/// fetch twice than to wait for. A large one, and the rest of one that has begun, is waited for: to ask elsewhere would fetch the same over a
/// link that may just be slow.
/// </remarks>
internal sealed class PullTable(GossipOptions options, PeerTable peers, ContextTable contexts, TokenSource tokens)
{
    // Operations that are missing. With common metas these are less than 20 KB. Our guess.
    private const ulong SmallMax = 64;

    private readonly SortedDictionary<ReplicaId, WantedReplica> _wanted = [];
    private int _outstanding;

    /// <summary>A peer holds the replica, which is held here and not our own, up to that context.</summary>
    public void Offer(ReplicaId replica, NodeId peer, ulong context, MonotonicTime now, List<GossipEffect> effects)
    {
        if (contexts.PositionOf(replica) is not { } position || position.Context >= context)
        {
            return;
        }

        if (!_wanted.TryGetValue(replica, out var wanted))
        {
            wanted = new WantedReplica();
            _wanted.Add(replica, wanted);
        }

        wanted.Add(peer, context);
        StartWaiting(replica, wanted, now, effects);
    }

    /// <summary>A shard lacks what lies before a push; its sender must have it.</summary>
    /// <param name="heard">The highest context of the replica that was heard of.</param>
    public void OfferGap(ReplicaId replica, NodeId via, ulong heard, MonotonicTime now, List<GossipEffect> effects)
    {
        if (contexts.PositionOf(replica) is { } position)
        {
            Offer(replica, via, Math.Max(heard, position.Context + 1), now, effects);
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
    public void Answered(Peer from, GossipMessage.PullReply reply, MonotonicTime now, List<GossipEffect> effects)
    {
        from.PullAnswers.Answered(reply.Token, now);
        if (!_wanted.TryGetValue(reply.Replica, out var wanted)
            || wanted.Pull is not { } pull || pull.Token != reply.Token || pull.Peer != from.Id)
        {
            return;
        }

        pull.Take(reply.Dots, reply.Last, now);
        if (reply.Dots is { } dots)
        {
            wanted.Answered(from.Id, dots.Horizon);
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
        var wait = pull.HasBegun ? options.PullTimeout : pull.Wait;
        if (quiet >= wait)
        {
            wanted.WasSilent(pull.Peer, wait, options.PullTimeout);
            Leave(timer.Replica, wanted, now, effects);
            return;
        }

        effects.Add(new GossipEffect.ScheduleTimer(timer, wait - quiet));
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

    private void Continue(ReplicaId replica, WantedReplica wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        var position = contexts.PositionOf(replica)!.Value;
        wanted.DropReached(position.Context);
        if (wanted.Pull is not { } pull)
        {
            DropIfDone(replica, wanted);
            return;
        }

        if (!pull.HasBegun && wanted.Best is null)
        {
            // A push or the late answer of another peer has brought what was asked for.
            End(replica, wanted, now, effects);
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
    private void GiveUp(ReplicaId replica, WantedReplica wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        wanted.Remove(wanted.Pull!.Peer);
        Leave(replica, wanted, now, effects);
    }

    private void Leave(ReplicaId replica, WantedReplica wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        wanted.DropReached(contexts.PositionOf(replica)!.Value.Context);
        End(replica, wanted, now, effects);
    }

    private void End(ReplicaId replica, WantedReplica wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        wanted.Pull = null;
        _outstanding--;
        StartWaiting(replica, wanted, now, effects);
        DropIfDone(replica, wanted);
        StartNext(now, effects);
    }

    private void DropIfDone(ReplicaId replica, WantedReplica wanted)
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

    private void StartWaiting(ReplicaId replica, WantedReplica wanted, MonotonicTime now, List<GossipEffect> effects)
    {
        if (wanted.Pull is null && wanted.Best is { } best && _outstanding < options.PullsMax)
        {
            _outstanding++;
            Send(replica, wanted, best.Peer, now, effects);
        }
    }

    private void Send(ReplicaId replica, WantedReplica wanted, NodeId peer, MonotonicTime now, List<GossipEffect> effects)
    {
        var position = contexts.PositionOf(replica)!.Value;
        var token = tokens.Next();
        var wait = WaitFor(wanted.Get(peer)!.Value, position);
        wanted.Pull = new OutstandingPull(token, peer, position, wait, now);
        peers.Get(peer)!.PullAnswers.Asked(token, now);
        effects.Add(new GossipEffect.SendMessage(peer, new GossipMessage.Pull(token, replica, position)));
        effects.Add(new GossipEffect.ScheduleTimer(new GossipTimer.PullOverdue(replica, token), wait));
    }

    private TimeSpan WaitFor(PullSource source, PullPosition position)
    {
        var longest = options.PullTimeout - source.SilentFor;
        if (position.CoveredTo > position.Context || source.Context - position.Context > SmallMax)
        {
            return longest;
        }

        // What a digest takes, a pull takes too.
        var peer = peers.Get(source.Peer)!;
        var (digest, pull) = (peer.DigestAnswers.Wait(source.Silences), peer.PullAnswers.Wait(source.Silences));
        var wait = digest > pull ? digest : pull;
        return 2 * wait < longest ? wait : longest;
    }
}
