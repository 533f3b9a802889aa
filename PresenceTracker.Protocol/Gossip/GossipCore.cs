using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// Decides whom to talk to and what to send so that all nodes come to hold the same contexts: pushes, digest rounds and pulls. It knows contexts
/// only; the presences themselves are the shards'.
/// </summary>
/// <remarks>
/// Not thread-safe: one actor owns it. Peers and replicas are created and removed by the membership alone; what arrives from or about
/// others changes nothing.
/// </remarks>
public sealed class GossipCore
{
    private readonly GossipOptions _options;
    private readonly OwnNode _self;
    private readonly TokenSource _tokens = new();
    private readonly PeerTable _peers;
    private readonly ContextTable _contexts;
    private readonly PullTable _pulls;
    private readonly PullServer _server;
    private readonly SyncRule _sync;
    private readonly DigestRounds _rounds;
    private readonly DigestExchange _digests;
    private readonly ReplicationLag _lag;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public GossipCore(GossipOptions options, NodeId self, Prng prng)
    {
        options.Validate();
        _options = options;
        _self = new OwnNode(self);
        _peers = new PeerTable(prng);
        _contexts = new ContextTable(options.ShardCount);
        _pulls = new PullTable(options, _peers, _contexts, _tokens);
        _server = new PullServer(_peers, _contexts);
        _sync = new SyncRule(options, _peers, _contexts, _tokens);
        _rounds = new DigestRounds(options, _peers, _contexts, _sync, _tokens, prng);
        _digests = new DigestExchange(options, _self, _peers, _contexts, _pulls, _sync, _rounds, _tokens, prng);
        _lag = new ReplicationLag(_contexts);
    }

    /// <summary>How many digest rounds there have been.</summary>
    public long Rounds => _rounds.Count;

    /// <summary>Takes one input and adds what the shell has to do, in this order, to <paramref name="effects"/>.</summary>
    /// <param name="now">Never before that of an earlier call.</param>
    public void Handle(GossipInput input, MonotonicTime now, List<GossipEffect> effects)
    {
        switch (input)
        {
            case GossipInput.Started:
                _sync.Start(now);
                _rounds.Start(now, effects);
                break;
            case GossipInput.SeedsPending seeds:
                _sync.SeedsPending(seeds.Unanswered);
                break;
            case GossipInput.LocalChange change:
                Push(change.Deltas, now, effects);
                break;
            case GossipInput.PushHandled handled:
                _peers.Get(handled.From)?.Receipts.Handle(handled.Number, effects);
                break;
            case GossipInput.PullServed served:
                _server.Served(served, effects);
                break;
            case GossipInput.GapFound gap when _peers.Get(gap.Via) is not null:
                _pulls.OfferGap(gap.Replica, gap.Via, _lag.HeardOf(gap.Replica), now, effects);
                break;
            case GossipInput.RootDiffers(var differing) when _peers.Get(differing) is { } other:
                _rounds.Wake(now, effects);
                _rounds.Open(other, effects);
                break;
            case GossipInput.LinksChanged(var neighbors):
                _peers.Links = neighbors;
                break;
            case GossipInput.BroadcastReceived(var via, var dots):
                TakeBroadcast(via, dots, now, effects);
                break;
            case GossipInput.MessageReceived received:
                Receive(received, now, effects);
                break;
            case GossipInput.TimerFired fired:
                TimerFired(fired.Timer, now, effects);
                break;
            default:
                HandleMembership(input, now, effects);
                break;
        }

        _sync.Evaluate(_self.Id, now, effects);
    }

    /// <summary>How this node and its peers keep up with each other, by address. Costs O(peers, and replicas with something missing).</summary>
    public IReadOnlyList<PeerProgress> Progress(MonotonicTime now)
    {
        var lags = _lag.ByNode(now);
        return
        [
            .. _peers.All.Select(peer =>
            {
                var (operations, behind) = lags.GetValueOrDefault(peer.Id);
                var window = peer.Window;
                return new PeerProgress(
                    peer.Id, operations, behind, window.UnacknowledgedPushes, window.UnacknowledgedBytes, window.IsBlocked(now));
            }),
        ];
    }

    private void HandleMembership(GossipInput input, MonotonicTime now, List<GossipEffect> effects)
    {
        switch (input)
        {
            case GossipInput.PeerUp up when _peers.Get(up.Peer) is null:
                var peer = new Peer(up.Peer, _options, _tokens);
                _peers.Add(peer);
                _sync.PeerAdded(now, effects);
                _rounds.Open(peer, effects);
                _rounds.Wake(now, effects);
                break;
            case GossipInput.PeerSuspected suspected when _peers.Get(suspected.Peer) is { } doubted:
                doubted.IsSuspect = true;
                break;
            case GossipInput.PeerTrusted trusted when _peers.Get(trusted.Peer) is { } cleared:
                cleared.IsSuspect = false;
                _rounds.Open(cleared, effects);
                break;
            case GossipInput.PeerGone gone when _peers.Remove(gone.Peer):
                _sync.PeerRemoved(now);
                _pulls.Forget(gone.Peer, now, effects);
                break;
            case GossipInput.ReplicaAdded added:
                _self.Learn(added.Replica);
                _lag.Removed(added.Replica);
                _contexts.Add(added.Replica, added.Position);
                _rounds.Wake(now, effects);
                break;
            case GossipInput.ReplicaRemoved removed when _contexts.Remove(removed.Replica):
                _lag.Removed(removed.Replica);
                _pulls.Forget(removed.Replica, now, effects);
                _sync.ReplicaRemoved(removed.Replica);
                _rounds.Wake(now, effects);
                break;
            case GossipInput.ContextMoved moved when _contexts.Move(moved.Replica, moved.Position):
                _lag.Moved(moved.Replica, moved.Position.Context, now);
                _pulls.Moved(moved.Replica, now, effects);
                _rounds.Wake(now, effects);
                break;
        }
    }

    private void TimerFired(GossipTimer timer, MonotonicTime now, List<GossipEffect> effects)
    {
        switch (timer)
        {
            case GossipTimer.Round round:
                _rounds.RoundDue(round.Token, now, effects);
                break;
            case GossipTimer.Beat beat:
                _rounds.BeatDue(beat.Token, now, effects);
                break;
            case GossipTimer.AckDue ack:
                _peers.Get(ack.Peer)?.Receipts.TimerFired(ack.Token, effects);
                break;
            case GossipTimer.DigestOverdue digest when _peers.Get(digest.Peer) is { } asked:
                _digests.Overdue(asked, digest, now, effects);
                break;
            case GossipTimer.PullOverdue pull:
                _pulls.TimerFired(pull, now, effects);
                break;
            case GossipTimer.SyncDue due:
                _sync.TimerFired(due.Token);
                break;
        }
    }

    private void Receive(GossipInput.MessageReceived received, MonotonicTime now, List<GossipEffect> effects)
    {
        var violation = _peers.Get(received.From) is { } peer
            ? Receive(peer, received.Message, now, effects)
            : GossipViolation.NotAPeer;
        if (violation is { } fault)
        {
            effects.Add(new GossipEffect.ReportViolation(fault, received.From));
            return;
        }

        Hear(received.Message, now);
    }

    /// <summary>Remembers what the message says to exist.</summary>
    private void Hear(GossipMessage message, MonotonicTime now)
    {
        IEnumerable<ReplicaContext> told = message switch
        {
            GossipMessage.Push push => [new ReplicaContext(push.Dots.Replica, push.Dots.Horizon)],
            GossipMessage.PullReply { Dots: { } dots } => [new ReplicaContext(dots.Replica, dots.Horizon)],
            GossipMessage.DigestContexts digest => digest.Contexts,
            _ => [],
        };
        foreach (var (replica, context) in told)
        {
            if (!_self.Owns(replica))
            {
                _lag.Heard(replica, context, now);
            }
        }
    }

    private GossipViolation? Receive(Peer peer, GossipMessage message, MonotonicTime now, List<GossipEffect> effects)
    {
        switch (message)
        {
            case GossipMessage.Push push:
                return TakePush(peer, push, effects);
            case GossipMessage.PushAck ack:
                return TakeAck(peer, ack, effects);
            case GossipMessage.DigestRoot root:
                _digests.Root(peer, root, now, effects);
                return null;
            case GossipMessage.DigestEqual equal:
                _digests.Equal(peer, equal, now, effects);
                return null;
            case GossipMessage.DigestBuckets buckets:
                return _digests.Buckets(peer, buckets, now, effects) ? null : GossipViolation.MalformedDigest;
            case GossipMessage.DigestContexts contexts:
                return _digests.Contexts(peer, contexts, now, effects) ? null : GossipViolation.MalformedDigest;
            case GossipMessage.Pull pull:
                _server.Asked(peer, pull, effects);
                return null;
            case GossipMessage.PullReply reply:
                return TakeReply(peer, reply, now, effects);
            default:
                throw new InvariantViolationException($"a gossip message of unknown type {message.GetType()}");
        }
    }

    /// <summary>
    /// Sends a local change to every peer that keeps up. In a full mesh receivers do not forward. Where there are links, it is broadcast over them
    /// instead, to peers and all others.
    /// </summary>
    private void Push(ImmutableArray<Dots> deltas, MonotonicTime now, List<GossipEffect> effects)
    {
        if (!_options.PushEnabled)
        {
            return;
        }

        if (_peers.Links is not null)
        {
            effects.AddRange(deltas.Select(delta => new GossipEffect.Publish(delta)));
            return;
        }

        foreach (var delta in deltas)
        {
            var bytes = DotsSize.Of(delta);
            foreach (var peer in _peers.All.Where(peer => !peer.IsSuspect))
            {
                if (peer.Window.Take(bytes, now) is var number and > 0)
                {
                    effects.Add(new GossipEffect.SendMessage(peer.Id, new GossipMessage.Push(number, delta)));
                }
            }
        }
    }

    private GossipViolation? TakePush(Peer peer, GossipMessage.Push push, List<GossipEffect> effects)
    {
        if (!peer.Receipts.Receive(push.Number, DotsSize.Of(push.Dots)))
        {
            return GossipViolation.MalformedPush;
        }

        if (CanTake(push.Dots.Replica))
        {
            effects.Add(new GossipEffect.DeliverDots(push.Dots, peer.Id, push.Number));
            return null;
        }

        peer.Receipts.Handle(push.Number, effects);
        return _self.Owns(push.Dots.Replica) ? GossipViolation.OwnReplica : null;
    }

    /// <summary>What comes of a replica that is not known (yet) is left to the digests.</summary>
    private void TakeBroadcast(NodeId via, Dots dots, MonotonicTime now, List<GossipEffect> effects)
    {
        if (_self.Owns(dots.Replica))
        {
            effects.Add(new GossipEffect.ReportViolation(GossipViolation.OwnReplica, via));
            return;
        }

        _lag.Heard(dots.Replica, dots.Horizon, now);
        if (CanTake(dots.Replica)) effects.Add(new GossipEffect.DeliverDots(dots, via, PushNumber: 0, IsBroadcast: true));
    }

    private GossipViolation? TakeAck(Peer peer, GossipMessage.PushAck ack, List<GossipEffect> effects)
    {
        var outcome = peer.Window.Acknowledge(ack.Number);
        if (outcome == PushAckOutcome.Reopened)
        {
            // It has missed what it was not sent while it was behind.
            _rounds.Open(peer, effects);
        }

        return outcome == PushAckOutcome.Unsent ? GossipViolation.AckOfUnsentPush : null;
    }

    private GossipViolation? TakeReply(Peer peer, GossipMessage.PullReply reply, MonotonicTime now, List<GossipEffect> effects)
    {
        if (reply.Dots is { } dots)
        {
            if (dots.Replica != reply.Replica)
            {
                return GossipViolation.ReplicaMismatch;
            }

            if (_self.Owns(dots.Replica))
            {
                return GossipViolation.OwnReplica;
            }

            if (CanTake(dots.Replica))
            {
                effects.Add(new GossipEffect.DeliverDots(dots, peer.Id, PushNumber: 0));
            }
        }

        _pulls.Answered(peer, reply, now, effects);
        return null;
    }

    /// <summary>Dots of a replica that the membership has not told of are dropped; the next round repairs it.</summary>
    private bool CanTake(ReplicaId replica) => !_self.Owns(replica) && _contexts.PositionOf(replica) is not null;
}
