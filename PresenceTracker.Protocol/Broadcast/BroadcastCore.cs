using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>
/// Sends what this node and others publish to every node, over the links of the overlay: Plumtree (Leitão, Pereira, Rodrigues, SRDS 2007). Payloads
/// go along a tree that forms by itself; the other links announce what went along it, so that each node notices what it lacks and asks for it.
/// </summary>
/// <remarks>
/// Not thread-safe: one actor owns it. Repair ends with what the neighbours remember; for what is lost beyond that, and for nodes that were
/// apart, the digests stand.
/// </remarks>
public sealed class BroadcastCore
{
    // No walk through any cluster is as long; a larger number would be no number of hops.
    private const int HopsMax = 1_000;

    private static readonly BroadcastMessage.Prune Prune = new();

    private readonly BroadcastOptions _options;
    private readonly NodeId _self;
    private readonly TokenSource _tokens = new();
    private readonly BroadcastPeers _peers = new();
    private readonly KnownBroadcasts _known;
    private readonly PayloadStore _store;
    private readonly MissingBroadcasts _missing;
    private readonly Announcer _announcer;
    private ulong _published;
    private ulong? _forgetDue;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public BroadcastCore(BroadcastOptions options, NodeId self)
    {
        options.Validate();
        _options = options;
        _self = self;
        _known = new KnownBroadcasts(options.OriginsMax);
        _store = new PayloadStore(options);
        _missing = new MissingBroadcasts(options, _peers, _tokens);
        _announcer = new Announcer(options, _peers, _tokens);
    }

    /// <summary>The neighbours that payloads go to at once, by address. Costs O(neighbours).</summary>
    public IEnumerable<NodeId> EagerPeers => _peers.All.Where(peer => peer.IsEager).Select(peer => peer.Id);

    /// <summary>Takes one input and adds what the shell has to do, in this order, to <paramref name="effects"/>.</summary>
    /// <param name="now">Never before that of an earlier call.</param>
    /// <exception cref="ArgumentException">What is to be published is larger than <see cref="BroadcastOptions.PayloadBytesMax"/>.</exception>
    public void Handle(BroadcastInput input, MonotonicTime now, List<BroadcastEffect> effects)
    {
        switch (input)
        {
            case BroadcastInput.NeighborUp up:
                _peers.Add(up.Peer);
                break;
            case BroadcastInput.NeighborDown down:
                _peers.Remove(down.Peer);
                break;
            case BroadcastInput.Publish publish:
                Publish(publish.Payload, now, effects);
                break;
            case BroadcastInput.MessageReceived received:
                Receive(received.From, received.Message, now, effects);
                break;
            case BroadcastInput.TimerFired fired:
                TimerFired(fired.Timer, now, effects);
                break;
        }
    }

    private void Publish(ImmutableArray<byte> payload, MonotonicTime now, List<BroadcastEffect> effects)
    {
        if (payload.Length > _options.PayloadBytesMax)
        {
            throw new ArgumentException(
                $"a payload has at most {_options.PayloadBytesMax} bytes ({nameof(BroadcastOptions.PayloadBytesMax)}), but this has {payload.Length}");
        }

        var id = new BroadcastId(_self, ++_published);
        Spread(new StoredBroadcast(id, Hops: 0, From: null, payload, now), effects);
    }

    private void TimerFired(BroadcastTimer timer, MonotonicTime now, List<BroadcastEffect> effects)
    {
        switch (timer)
        {
            case BroadcastTimer.AnnounceDue due:
                _announcer.OnDue(due.Token, effects);
                break;
            case BroadcastTimer.GraftDue due:
                _missing.OnGraftDue(due.Id, due.Token, effects);
                break;
            case BroadcastTimer.ForgetDue due when due.Token == _forgetDue:
                _forgetDue = null;
                _store.Forget(now);
                if (!_store.IsEmpty) ScheduleForgetting(effects);
                break;
        }
    }

    private void Receive(NodeId from, BroadcastMessage message, MonotonicTime now, List<BroadcastEffect> effects)
    {
        var peer = _peers.Get(from);
        if (FaultOf(message) is { } fault)
        {
            effects.Add(new BroadcastEffect.ReportViolation(fault, from));
            return;
        }

        if (peer is null) effects.Add(new BroadcastEffect.ReportViolation(BroadcastViolation.NotANeighbor, from));

        switch (message)
        {
            case BroadcastMessage.Gossip gossip:
                OnGossip(from, peer, gossip, now, effects);
                break;
            case BroadcastMessage.IHave have when peer is not null:
                OnIHave(peer, have, effects);
                break;
            case BroadcastMessage.Graft graft when peer is not null:
                OnGraft(peer, graft, effects);
                break;
            case BroadcastMessage.Prune when peer is not null:
                peer.IsEager = false;
                break;
        }
    }

    /// <summary>
    /// Plumtree, tree construction: the link over which a payload comes first is or becomes eager; one over which it comes again becomes lazy, at
    /// both ends.
    /// </summary>
    private void OnGossip(NodeId from, BroadcastPeer? peer, BroadcastMessage.Gossip gossip, MonotonicTime now, List<BroadcastEffect> effects)
    {
        if (_known.Contains(gossip.Id))
        {
            if (peer is not null) MakeLazy(peer, effects);

            return;
        }

        if (peer is not null) peer.IsEager = true;

        _missing.Came(gossip.Id);
        effects.Add(new BroadcastEffect.Deliver(gossip.Id, from, gossip.Hops, gossip.Payload));
        Spread(new StoredBroadcast(gossip.Id, gossip.Hops, from, gossip.Payload, now), effects);
    }

    private void OnIHave(BroadcastPeer peer, BroadcastMessage.IHave have, List<BroadcastEffect> effects)
    {
        foreach (var (id, _) in have.Announcements)
        {
            if (!_known.Contains(id)) _missing.Announced(id, peer.Id, effects);
        }

        Optimize(peer, have, effects);
    }

    /// <summary>Plumtree, tree repair: the link becomes eager at this end too, and what was missing goes over it.</summary>
    private void OnGraft(BroadcastPeer peer, BroadcastMessage.Graft graft, List<BroadcastEffect> effects)
    {
        peer.IsEager = true;
        if (graft.Missing is { } id && _store.TryGet(id, out var stored)) Send(peer, stored, effects);
    }

    /// <summary>
    /// Plumtree, optimisation: a lazy link that is shorter by a threshold takes the place of the eager one. Deviation from the paper, where the announcement is
    /// compared with a payload that comes later: here announcements wait to be sent together, so that the payload comes first.
    /// </summary>
    private void Optimize(BroadcastPeer peer, BroadcastMessage.IHave have, List<BroadcastEffect> effects)
    {
        if (peer.IsEager) return;

        foreach (var (id, hops) in have.Announcements)
        {
            if (_store.TryGet(id, out var stored)
                && stored.Hops - hops >= _options.OptimizationThreshold
                && stored.From is { } from
                && _peers.Get(from) is { IsEager: true } parent)
            {
                peer.IsEager = true;
                effects.Add(new BroadcastEffect.SendMessage(peer.Id, new BroadcastMessage.Graft(Missing: null)));
                MakeLazy(parent, effects);
                return;
            }
        }
    }

    private static void MakeLazy(BroadcastPeer peer, List<BroadcastEffect> effects)
    {
        peer.IsEager = false;
        effects.Add(new BroadcastEffect.SendMessage(peer.Id, Prune));
    }

    private void Spread(StoredBroadcast broadcast, List<BroadcastEffect> effects)
    {
        _known.Add(broadcast.Id);
        _store.Add(broadcast);
        if (_forgetDue is null) ScheduleForgetting(effects);

        foreach (var peer in _peers.All)
        {
            if (peer.Id == broadcast.From) continue;

            if (peer.IsEager)
            {
                Send(peer, broadcast, effects);
            }
            else
            {
                _announcer.Announce(peer, new Announcement(broadcast.Id, broadcast.Hops + 1), effects);
            }
        }
    }

    private static void Send(BroadcastPeer peer, StoredBroadcast broadcast, List<BroadcastEffect> effects) => effects.Add(
        new BroadcastEffect.SendMessage(peer.Id, new BroadcastMessage.Gossip(broadcast.Id, broadcast.Hops + 1, broadcast.Payload)));

    private void ScheduleForgetting(List<BroadcastEffect> effects)
    {
        _forgetDue = _tokens.Next();
        effects.Add(new BroadcastEffect.ScheduleTimer(new BroadcastTimer.ForgetDue(_forgetDue.Value), _options.StoredFor));
    }

    private BroadcastViolation? FaultOf(BroadcastMessage message) => message switch
    {
        BroadcastMessage.Gossip gossip when gossip.Payload.Length > _options.PayloadBytesMax => BroadcastViolation.Malformed,
        BroadcastMessage.Gossip gossip => FaultOf(gossip.Id, gossip.Hops),
        BroadcastMessage.IHave { Announcements.Length: > BroadcastOptions.AnnouncementsMax } => BroadcastViolation.Malformed,
        BroadcastMessage.IHave have => have.Announcements.Select(announced => FaultOf(announced.Id, announced.Hops)).FirstOrDefault(fault => fault is not null),
        _ => null,
    };

    private BroadcastViolation? FaultOf(BroadcastId id, int hops) =>
        id.Sequence == 0 || hops is < 1 or > HopsMax ? BroadcastViolation.Malformed
        : id.Origin == _self && id.Sequence > _published ? BroadcastViolation.OwnBroadcast
        : null;
}
