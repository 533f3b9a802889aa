using System.Collections.Immutable;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Topology;

/// <summary>
/// Decides whether this node speaks to every other or to its neighbours in the overlay, by how many live; and runs the overlay, with the broadcast
/// on its links.
/// </summary>
/// <remarks>
/// Not thread-safe: one actor owns it. Nodes need not switch together: what one publishes while another speaks to all is repaired by the digests of
/// the other, and broadcasts are passed on for a while by those who have gone back.
/// </remarks>
public sealed class TopologyCore
{
    private readonly TopologyOptions _options;
    private readonly Prng _prng;
    private readonly TokenSource _tokens = new();
    private readonly SortedSet<NodeId> _members = [];
    private readonly Queue<OverlayInput> _pending = [];
    private readonly List<OverlayEffect> _overlayEffects = [];
    private readonly List<BroadcastEffect> _broadcastEffects = [];
    private OverlayCore _overlay;
    private BroadcastCore _broadcast;
    private bool _isRunning;
    private bool _isLarge;
    private bool _isSettled;
    private ulong? _settleDue;
    private ulong? _leaveDue;
    private MonotonicTime? _metAt;
    private ImmutableArray<NodeId>? _links;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TopologyCore(TopologyOptions options, NodeId self, Prng prng)
    {
        options.Validate();
        _options = options;
        _prng = prng;
        Self = self;
        _overlay = new OverlayCore(options.Overlay, self, new Prng(prng.NextUInt64()));
        _broadcast = new BroadcastCore(options.Broadcast, self);
    }

    /// <summary>As whom this node speaks.</summary>
    public NodeId Self { get; private set; }

    /// <summary>The neighbours in the overlay, in no order that means anything; also while the node still or again speaks to all. Changes with the next input.</summary>
    public IReadOnlyList<NodeId> ActiveView => _overlay.ActiveView;

    /// <summary>The nodes with which neighbours can be replaced. Changes with the next input.</summary>
    public IReadOnlyList<NodeId> PassiveView => _overlay.PassiveView;

    /// <summary>Takes one input and adds what the shell has to do, in this order, to <paramref name="effects"/>.</summary>
    /// <param name="now">Never before that of an earlier call.</param>
    public void Handle(TopologyInput input, MonotonicTime now, List<TopologyEffect> effects)
    {
        switch (input)
        {
            case TopologyInput.FromMembership(var effect):
                Take(effect, now, effects);
                break;
            case TopologyInput.PeerUnreachable(var address):
                LoseAt(address, now, effects);
                break;
            case TopologyInput.Publish publish:
                Give(new BroadcastInput.Publish(publish.Payload), now, effects);
                break;
            case TopologyInput.OverlayReceived(var from, var message):
                if (IsMember(from, effects)) Give(new OverlayInput.MessageReceived(from, message), now, effects);
                break;
            case TopologyInput.BroadcastReceived(var from, var message):
                if (IsMember(from, effects)) Give(new BroadcastInput.MessageReceived(from, message), now, effects);
                break;
            case TopologyInput.TimerFired(var timer):
                Fire(timer, now, effects);
                break;
        }

        Review(now, effects);
    }

    private void Take(MembershipEffect effect, MonotonicTime now, List<TopologyEffect> effects)
    {
        switch (effect)
        {
            case MembershipEffect.NodeUp(var record):
                Meet(record.Node, now, effects);
                break;
            case MembershipEffect.NodeReturned(var record):
                Meet(record.Node, now, effects);
                break;
            case MembershipEffect.NodeDown(var node):
                Lose(node, now, effects);
                break;
            case MembershipEffect.NodeRemoved(var node, _):
                Lose(node, now, effects);
                break;
            case MembershipEffect.NodeRenamed(var old, var record):
                Lose(old, now, effects);
                _members.Add(record.Node);
                break;
            case MembershipEffect.RootDiffers(var node) when _isRunning && _members.Contains(node):
                // Nothing changes at either of them, and yet no broadcast has told both the same: links may not lead from one to the other.
                Give(new OverlayInput.JoinVia(node), now, effects);
                break;
            case MembershipEffect.SelfRaised(_, var self):
                BecomeAnother(self);
                break;
        }
    }

    /// <summary>
    /// Two overlays that were cut apart each have all the neighbours that they want, and HyParView would never join them. So some of those who meet a
    /// node ask it in: about as many as it can have neighbours, however many meet it, and each only now and then, when many come at once.
    /// </summary>
    private void Meet(NodeId node, MonotonicTime now, List<TopologyEffect> effects)
    {
        _members.Add(node);
        var isChosen = _prng.NextDouble() * _members.Count < _options.Overlay.ActiveMax;
        if (!_isRunning || !isChosen || _metAt is { } last && now - last < _options.Overlay.ShufflePeriod) return;

        _metAt = now;
        Give(new OverlayInput.JoinVia(node), now, effects);
    }

    private void Lose(NodeId node, MonotonicTime now, List<TopologyEffect> effects)
    {
        _members.Remove(node);
        Give(new OverlayInput.PeerLost(node), now, effects);
    }

    private void LoseAt(string address, MonotonicTime now, List<TopologyEffect> effects)
    {
        if (_overlay.ActiveView.FirstOrDefault(neighbor => neighbor.Address == address) is { } neighbor)
        {
            Give(new OverlayInput.PeerLost(neighbor), now, effects);
        }
    }

    /// <summary>To the others the old incarnation is gone, with its links; the new one begins anew.</summary>
    private void BecomeAnother(NodeId self)
    {
        Self = self;
        _overlay = new OverlayCore(_options.Overlay, self, new Prng(_prng.NextUInt64()));
        _broadcast = new BroadcastCore(_options.Broadcast, self);
        _isRunning = false;
    }

    private bool IsMember(NodeId node, List<TopologyEffect> effects)
    {
        if (_members.Contains(node)) return true;

        effects.Add(new TopologyEffect.ReportOverlay(OverlayViolation.NotAMember, node));
        return false;
    }

    private void Fire(TopologyTimer timer, MonotonicTime now, List<TopologyEffect> effects)
    {
        switch (timer)
        {
            case TopologyTimer.OfOverlay(var counter, var inner) when counter == Self.Incarnation.Counter:
                Give(new OverlayInput.TimerFired(inner), now, effects);
                break;
            case TopologyTimer.OfBroadcast(var counter, var inner) when counter == Self.Incarnation.Counter:
                Give(new BroadcastInput.TimerFired(inner), now, effects);
                break;
            case TopologyTimer.SettleDue(var token) when token == _settleDue:
                _isSettled = true;
                break;
            case TopologyTimer.LeaveDue(var token) when token == _leaveDue:
                _leaveDue = null;
                _isRunning = false;
                Give(new OverlayInput.Left(), now, effects);
                break;
        }
    }

    /// <summary>After each input: whether there are too many nodes now or few enough, and whether what the others were told of the links still holds.</summary>
    private void Review(MonotonicTime now, List<TopologyEffect> effects)
    {
        var nodes = _members.Count + 1;
        if (_isLarge && _options.IsWithin(nodes))
        {
            _isLarge = false;
            _leaveDue = Schedule(token => new TopologyTimer.LeaveDue(token), _options.LeaveAfter, effects);
        }
        else if (!_isLarge && _options.IsBeyond(nodes))
        {
            _isLarge = true;
            _leaveDue = null;
        }

        if (_isLarge && !_isRunning)
        {
            _isRunning = true;
            Give(new OverlayInput.Started(), now, effects);
        }

        ReviewLinks(effects);
    }

    private void ReviewLinks(List<TopologyEffect> effects)
    {
        if (!_isLarge || _overlay.ActiveView.Count == 0)
        {
            _isSettled = false;
            _settleDue = null;
        }
        else if (_settleDue is null)
        {
            _settleDue = Schedule(token => new TopologyTimer.SettleDue(token), _options.SettleTime, effects);
        }

        ImmutableArray<NodeId>? links = _isSettled ? [.. _overlay.ActiveView.Order()] : null;
        if (links is null ? _links is null : _links is { } known && known.SequenceEqual(links.Value)) return;

        _links = links;
        effects.Add(new TopologyEffect.LinksChanged(links));
    }

    private ulong Schedule(Func<ulong, TopologyTimer> timer, TimeSpan after, List<TopologyEffect> effects)
    {
        var token = _tokens.Next();
        effects.Add(new TopologyEffect.ScheduleTimer(timer(token), after));
        return token;
    }

    private void Give(OverlayInput input, MonotonicTime now, List<TopologyEffect> effects)
    {
        _pending.Enqueue(input);
        while (_pending.TryDequeue(out var next))
        {
            _overlay.Handle(next, now, _overlayEffects);
            foreach (var effect in _overlayEffects)
            {
                Carry(effect, now, effects);
            }

            _overlayEffects.Clear();
        }
    }

    private void Carry(OverlayEffect effect, MonotonicTime now, List<TopologyEffect> effects)
    {
        switch (effect)
        {
            case OverlayEffect.SendMessage(var to, var message) when _members.Contains(to):
                effects.Add(new TopologyEffect.SendOverlay(to, message));
                break;
            case OverlayEffect.SendMessage(var to, _):
                // Others may name whom they like: nobody is spoken to who has not shown by a handshake that it belongs to the cluster.
                _pending.Enqueue(new OverlayInput.PeerLost(to));
                break;
            case OverlayEffect.ScheduleTimer(var timer, var after):
                effects.Add(new TopologyEffect.ScheduleTimer(new TopologyTimer.OfOverlay(Self.Incarnation.Counter, timer), after));
                break;
            case OverlayEffect.NeighborUp(var peer):
                Give(new BroadcastInput.NeighborUp(peer), now, effects);
                break;
            case OverlayEffect.NeighborDown(var peer):
                Give(new BroadcastInput.NeighborDown(peer), now, effects);
                break;
            case OverlayEffect.ContactWanted:
                FindContact();
                break;
            case OverlayEffect.ReportViolation(var violation, var from):
                effects.Add(new TopologyEffect.ReportOverlay(violation, from));
                break;
        }
    }

    private void FindContact()
    {
        var strangers = _members.Except(_overlay.ActiveView).ToList();
        if (strangers.Count > 0) _pending.Enqueue(new OverlayInput.JoinVia(strangers[_prng.Next(strangers.Count)]));
    }

    private void Give(BroadcastInput input, MonotonicTime now, List<TopologyEffect> effects)
    {
        _broadcast.Handle(input, now, _broadcastEffects);
        foreach (var effect in _broadcastEffects)
        {
            effects.Add(effect switch
            {
                BroadcastEffect.SendMessage(var to, var message) => new TopologyEffect.SendBroadcast(to, message),
                BroadcastEffect.ScheduleTimer(var timer, var after) => new TopologyEffect.ScheduleTimer(
                    new TopologyTimer.OfBroadcast(Self.Incarnation.Counter, timer), after),
                BroadcastEffect.Deliver deliver => new TopologyEffect.Deliver(deliver.Id.Origin, deliver.From, deliver.Payload),
                BroadcastEffect.ReportViolation(var violation, var from) => new TopologyEffect.ReportBroadcast(violation, from),
                _ => throw new InvariantViolationException($"{effect.GetType()} is no effect of a broadcast"),
            });
        }

        _broadcastEffects.Clear();
    }
}
