using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>
/// Decides who speaks to whom where nodes are too many for each to speak to all: HyParView (Leitão, Pereira, Rodrigues, DSN 2007). Each node has a
/// few neighbours, symmetrically, and remembers some more nodes with which it replaces those that fail.
/// </summary>
/// <remarks>
/// Not thread-safe: one actor owns it. It detects no failures; who does, tells it. A node is an address and an incarnation, so a restarted one is
/// another.
/// </remarks>
public sealed class OverlayCore
{
    // After a restart of many nodes at once they shall not all shuffle at once for ever.
    private const double JitterShare = 0.2;

    private readonly OverlayOptions _options;
    private readonly NodeId _self;
    private readonly Prng _prng;
    private readonly TokenSource _tokens = new();
    private readonly Neighborhood _neighborhood;
    private readonly Shuffler _shuffler;
    private ulong? _shuffleDue;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public OverlayCore(OverlayOptions options, NodeId self, Prng prng)
    {
        options.Validate();
        _options = options;
        _self = self;
        _prng = prng;
        _neighborhood = new Neighborhood(options, self, _tokens, prng);
        _shuffler = new Shuffler(options, self, _neighborhood, _tokens);
    }

    /// <summary>The neighbours, in no order that means anything. Changes with the next input.</summary>
    public IReadOnlyList<NodeId> ActiveView => _neighborhood.Active.Nodes;

    /// <summary>The nodes with which neighbours can be replaced. Changes with the next input.</summary>
    public IReadOnlyList<NodeId> PassiveView => _neighborhood.Passive.Nodes;

    private bool IsRunning => _shuffleDue is not null;

    /// <summary>Takes one input and adds what the shell has to do, in this order, to <paramref name="effects"/>.</summary>
    /// <param name="now">Never before that of an earlier call.</param>
    /// <exception cref="ArgumentException">This node was told to join via itself.</exception>
    public void Handle(OverlayInput input, MonotonicTime now, List<OverlayEffect> effects)
    {
        var step = new OverlayStep(now, effects);
        switch (input)
        {
            case OverlayInput.Started when !IsRunning:
                ScheduleShuffle(_options.ShufflePeriod * _prng.NextDouble(), step);
                break;
            case OverlayInput.JoinVia join:
                Join(join.Contact, step);
                break;
            case OverlayInput.PeerLost lost:
                _neighborhood.Lose(lost.Peer, step);
                break;
            case OverlayInput.Left:
                _shuffleDue = null;
                _neighborhood.Dissolve(step);
                break;
            case OverlayInput.MessageReceived received:
                Receive(received.From, received.Message, step);
                break;
            case OverlayInput.TimerFired fired:
                TimerFired(fired.Timer, step);
                break;
        }

        if (IsRunning) _neighborhood.Refill(step);
    }

    private void Join(NodeId contact, OverlayStep step)
    {
        if (contact.Address == _self.Address) throw new ArgumentException($"{contact} cannot be the contact of {_self}, whose address it has");

        if (IsRunning) _neighborhood.Join(contact, step);
    }

    private void TimerFired(OverlayTimer timer, OverlayStep step)
    {
        switch (timer)
        {
            case OverlayTimer.ShuffleDue due when due.Token == _shuffleDue:
                _neighborhood.Renew(step);
                _shuffler.Begin(step);
                var jitter = 1 + (JitterShare * ((2 * _prng.NextDouble()) - 1));
                ScheduleShuffle(_options.ShufflePeriod * jitter, step);
                break;
            case OverlayTimer.RequestOverdue overdue:
                _neighborhood.OnOverdue(overdue.Peer, overdue.Token, step);
                break;
        }
    }

    private void ScheduleShuffle(TimeSpan after, OverlayStep step)
    {
        _shuffleDue = _tokens.Next();
        step.Schedule(new OverlayTimer.ShuffleDue(_shuffleDue.Value), after);
    }

    private void Receive(NodeId from, OverlayMessage message, OverlayStep step)
    {
        if (!IsWellFormed(message))
        {
            step.Report(OverlayViolation.Malformed, from);
        }
        else if (from.Address == _self.Address || !IsLatestLife(from, step))
        {
            step.Report(OverlayViolation.Superseded, from);
        }
        else if (!IsRunning)
        {
            Refuse(from, message, step);
        }
        else
        {
            Take(from, message, step);
        }
    }

    private void Take(NodeId from, OverlayMessage message, OverlayStep step)
    {
        switch (message)
        {
            case OverlayMessage.Join join:
                OnJoin(from, join, step);
                break;
            case OverlayMessage.ForwardJoin walk:
                OnForwardJoin(from, walk, step);
                break;
            case OverlayMessage.NeighborRequest request:
                _neighborhood.OnRequest(from, request.Token, request.Priority, step);
                break;
            case OverlayMessage.NeighborReply reply:
                _neighborhood.OnReply(from, reply, step);
                break;
            case OverlayMessage.Disconnect:
                _neighborhood.OnDisconnect(from, step);
                break;
            case OverlayMessage.KeepLink:
                _neighborhood.OnKeepLink(from, step);
                break;
            case OverlayMessage.Shuffle shuffle:
                _shuffler.OnShuffle(from, shuffle, step);
                break;
            case OverlayMessage.ShuffleReply reply:
                _shuffler.OnReply(from, reply, step);
                break;
            default:
                throw new InvariantViolationException($"an overlay message of unknown type {message.GetType()}");
        }
    }

    /// <summary>
    /// HyParView, join mechanism: the contact takes the new node in, even if it must drop a random neighbour, and sends a walk for it to each
    /// other neighbour.
    /// </summary>
    private void OnJoin(NodeId newcomer, OverlayMessage.Join join, OverlayStep step)
    {
        // The answer to its first request may have been lost; one round of walks is enough.
        if (!_neighborhood.OnJoin(newcomer, join.Token, step)) return;

        foreach (var neighbor in _neighborhood.Active.Nodes.Where(neighbor => neighbor != newcomer))
        {
            step.Send(neighbor, new OverlayMessage.ForwardJoin(newcomer, _options.WalkLength));
        }
    }

    /// <summary>
    /// HyParView, join mechanism: a walk ends when no hops are left, or where there is nobody to go on to; that node becomes a neighbour of the new
    /// one. The node with PRWL hops to go remembers it. Deviation: the new node is asked, so that the link has both ends.
    /// </summary>
    private void OnForwardJoin(NodeId from, OverlayMessage.ForwardJoin walk, OverlayStep step)
    {
        var newcomer = walk.Newcomer;

        // A walk comes back to who it is for, or names a life that is over.
        if (newcomer.Address == _self.Address || KnownAt(newcomer.Address) is { } known && known.Supersedes(newcomer)) return;

        if (walk.HopsLeft > 0 && _neighborhood.Active.Pick(node => node != from && node.Address != newcomer.Address) is { } next)
        {
            if (walk.HopsLeft == _options.PassiveWalkLength) _neighborhood.Passive.Learn(newcomer, []);

            step.Send(next, walk with { HopsLeft = walk.HopsLeft - 1 });
        }
        else
        {
            _neighborhood.Welcome(newcomer, step);
        }
    }

    private static void Refuse(NodeId from, OverlayMessage message, OverlayStep step)
    {
        switch (message)
        {
            case OverlayMessage.Join join:
                step.Send(from, new OverlayMessage.NeighborReply(join.Token, IsGranted: false));
                break;
            case OverlayMessage.NeighborRequest request:
                step.Send(from, new OverlayMessage.NeighborReply(request.Token, IsGranted: false));
                break;
            case OverlayMessage.NeighborReply { IsGranted: true } or OverlayMessage.KeepLink:
                step.Send(from, new OverlayMessage.Disconnect());
                break;
        }
    }

    /// <summary>Who speaks from an address is its latest life, unless a later one is known; those before it are lost.</summary>
    private bool IsLatestLife(NodeId from, OverlayStep step)
    {
        // Of a neighbour nothing more needs to be known: what others say of a later life comes true when that speaks.
        var neighbor = _neighborhood.Active.At(from.Address);
        if (neighbor == from) return true;

        var candidate = _neighborhood.Passive.At(from.Address);
        if (neighbor is not null && neighbor.Supersedes(from) || candidate is not null && candidate.Supersedes(from)) return false;

        if (neighbor is not null) _neighborhood.Lose(neighbor, step);

        if (candidate is not null && candidate != from) _neighborhood.Lose(candidate, step);

        return true;
    }

    private NodeId? KnownAt(string address)
    {
        var neighbor = _neighborhood.Active.At(address);
        var candidate = _neighborhood.Passive.At(address);
        return neighbor is null || candidate is not null && candidate.Supersedes(neighbor) ? candidate : neighbor;
    }

    private bool IsWellFormed(OverlayMessage message) => message switch
    {
        OverlayMessage.ForwardJoin walk => walk.HopsLeft >= 0 && walk.HopsLeft <= _options.WalkLength,
        OverlayMessage.NeighborRequest request => request.Priority is NeighborPriority.Low or NeighborPriority.High,
        OverlayMessage.Shuffle shuffle =>
            shuffle.HopsLeft >= 0 && shuffle.HopsLeft <= _options.WalkLength && shuffle.Nodes.Length < _options.ShuffleMax,
        OverlayMessage.ShuffleReply reply => reply.Nodes.Length <= _options.ShuffleMax,
        _ => true,
    };
}
