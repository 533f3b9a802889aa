using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>
/// Who is a neighbour: the active view of HyParView. Deviation from the paper, where a node adds who it has asked: a neighbour is only who has
/// granted the request. So a link has two ends, or messages that make or end it are under way, or were lost; then <see cref="OverlayMessage.KeepLink"/> ends it.
/// </summary>
/// <remarks>
/// Messages between two nodes stay in order, so what a node has said last is what holds, and no request needs to be told from the one before
/// by anybody but who made it.
/// </remarks>
internal sealed class Neighborhood
{
    private static readonly OverlayMessage.Disconnect Disconnect = new();

    private readonly OverlayOptions _options;
    private readonly TokenSource _tokens;
    private readonly SortedList<NodeId, NeighborRequest> _requests = [];
    private bool _isContactWanted;
    private MonotonicTime? _linksCheckedAt;

    public Neighborhood(OverlayOptions options, NodeId self, TokenSource tokens, Prng prng)
    {
        _options = options;
        _tokens = tokens;
        Active = new PartialView(options.ActiveMax, prng);
        Passive = new PassiveView(options, self, Active, prng);
    }

    public PartialView Active { get; }

    public PassiveView Passive { get; }

    /// <summary>Asks for a link that is worth another one.</summary>
    public void Ask(NodeId peer, OverlayStep step)
    {
        if (!Active.Contains(peer)) Request(peer, makesRoom: true, step);
    }

    /// <summary>As <see cref="Ask"/>, for a newcomer at its contact.</summary>
    public void Join(NodeId contact, OverlayStep step)
    {
        if (Active.Contains(contact)) return;

        var token = _tokens.Next();
        Await(contact, new NeighborRequest(token, IsUrgent: true, MakesRoom: true), new OverlayMessage.Join(token), step);
    }

    /// <summary>The newcomer whose walk ends here needs a neighbour. With too many requests outstanding it is only remembered.</summary>
    public void Welcome(NodeId newcomer, OverlayStep step)
    {
        if (_requests.Count < _options.RequestsMax)
        {
            Ask(newcomer, step);
        }
        else
        {
            Passive.Learn(newcomer, []);
        }
    }

    /// <summary>
    /// HyParView, active view management: a request of high priority is always granted, even if a random neighbour must be dropped for it; one of
    /// low priority only if there is a free place.
    /// </summary>
    public void OnRequest(NodeId peer, ulong token, NeighborPriority priority, OverlayStep step)
    {
        var isGranted = Active.Contains(peer) || priority == NeighborPriority.High || !Active.IsFull;
        step.Send(peer, new OverlayMessage.NeighborReply(token, isGranted));
        CheckLinks(step);
        if (isGranted)
        {
            Connect(peer, step);
        }
        else
        {
            // It is alive, and has room.
            Passive.Learn(peer, []);
        }
    }

    /// <summary>A newcomer is always let in.</summary>
    /// <returns>False if it is a neighbour already.</returns>
    public bool OnJoin(NodeId newcomer, ulong token, OverlayStep step)
    {
        var isNew = !Active.Contains(newcomer);
        step.Send(newcomer, new OverlayMessage.NeighborReply(token, IsGranted: true));
        Connect(newcomer, step);
        return isNew;
    }

    public void OnReply(NodeId peer, OverlayMessage.NeighborReply reply, OverlayStep step)
    {
        if (!IsAwaited(peer, reply.Token, out var request))
        {
            step.Report(OverlayViolation.UnawaitedReply, peer);

            // What was granted too late is given back, unless there is a link by now, or a later request that will be answered.
            if (reply.IsGranted && !Active.Contains(peer) && !_requests.ContainsKey(peer)) step.Send(peer, Disconnect);
            return;
        }

        _requests.Remove(peer);
        if (!reply.IsGranted)
        {
            OnRefusal(peer, request);
        }
        else if (request.MakesRoom || !Active.IsFull || Active.Contains(peer))
        {
            Connect(peer, step);
        }
        else
        {
            // The place was taken meanwhile.
            step.Send(peer, Disconnect);
        }
    }

    public void OnOverdue(NodeId peer, ulong token, OverlayStep step)
    {
        if (!IsAwaited(peer, token, out _)) return;

        _requests.Remove(peer);

        // It may have asked this node at the same time, and be a neighbour.
        if (Active.Contains(peer)) return;

        // It may have granted the request all the same.
        step.Send(peer, Disconnect);
        Passive.Remove(peer);
    }

    public void OnDisconnect(NodeId peer, OverlayStep step)
    {
        if (!Active.Remove(peer)) return;

        step.Emit(new OverlayEffect.NeighborDown(peer));
        Passive.Learn(peer, []);

        // It has just made room for another.
        Passive.NoteRefusal(peer);
    }

    public void OnKeepLink(NodeId peer, OverlayStep step)
    {
        if (!Active.Contains(peer)) step.Send(peer, Disconnect);
    }

    /// <summary>The node is neither neighbour nor candidate any more.</summary>
    public void Lose(NodeId peer, OverlayStep step)
    {
        _requests.Remove(peer);
        Passive.Remove(peer);
        if (Active.Remove(peer)) step.Emit(new OverlayEffect.NeighborDown(peer));
    }

    /// <summary>Ends every link, and every request.</summary>
    public void Dissolve(OverlayStep step)
    {
        foreach (var peer in _requests.Keys.Where(peer => !Active.Contains(peer)))
        {
            step.Send(peer, Disconnect);
        }

        _requests.Clear();
        foreach (var peer in Active.Nodes.ToArray())
        {
            Drop(peer, step);
        }
    }

    /// <summary>Begins a new round of asking: who has refused before may have room now.</summary>
    public void Renew(OverlayStep step)
    {
        Passive.ForgetRefusals();
        _isContactWanted = false;
        KeepLinks(step);
    }

    /// <summary>
    /// HyParView, active view management: a random node of the passive view is asked, and if that fails or it refuses, another. Deviation: for
    /// each free place one is asked at the same time, unless there are no neighbours at all: then only one, for it has to make room.
    /// </summary>
    public void Refill(OverlayStep step)
    {
        var isAlone = Active.Count == 0;
        var places = isAlone ? 1 : _options.ActiveMax - Active.Count;
        while (_requests.Count < places && Passive.PickCandidate(_requests.ContainsKey) is { } candidate)
        {
            Request(candidate, makesRoom: false, step);
        }

        // A few nodes that know nobody but each other are as lost as one alone.
        if (places > 0 && _requests.Count == 0 && !_isContactWanted && (isAlone || Passive.Nodes.Count == 0))
        {
            _isContactWanted = true;
            step.Emit(new OverlayEffect.ContactWanted());
        }
    }

    private void Request(NodeId peer, bool makesRoom, OverlayStep step)
    {
        var token = _tokens.Next();
        var isUrgent = Active.Count == 0;
        var priority = isUrgent ? NeighborPriority.High : NeighborPriority.Low;
        Await(peer, new NeighborRequest(token, isUrgent, makesRoom), new OverlayMessage.NeighborRequest(token, priority), step);
    }

    private void Await(NodeId peer, NeighborRequest request, OverlayMessage message, OverlayStep step)
    {
        _requests[peer] = request;
        step.Send(peer, message);
        step.Schedule(new OverlayTimer.RequestOverdue(peer, request.Token), _options.RequestTimeout);
    }

    private bool IsAwaited(NodeId peer, ulong token, out NeighborRequest request) => _requests.TryGetValue(peer, out request!) && request.Token == token;

    private void OnRefusal(NodeId peer, NeighborRequest request)
    {
        if (request.IsUrgent)
        {
            // It has left the overlay.
            Passive.Remove(peer);
        }
        else if (Active.Count > 0)
        {
            // Without neighbours this node asks it again at once, with high priority.
            Passive.NoteRefusal(peer);
        }
    }

    /// <summary>
    /// Deviation from the paper: who looks for neighbours has lost some, and others may have died at the same moment. Who is asked makes sure of its own, lest it
    /// refuses for the sake of the dead; so word of a mass failure goes round by itself. However many ask, it does so once in the time of a request.
    /// </summary>
    private void CheckLinks(OverlayStep step)
    {
        if (_linksCheckedAt is { } last && step.Now - last < _options.RequestTimeout) return;

        _linksCheckedAt = step.Now;
        KeepLinks(step);
    }

    private void KeepLinks(OverlayStep step)
    {
        foreach (var peer in Active.Nodes)
        {
            step.Send(peer, new OverlayMessage.KeepLink());
        }
    }

    private void Connect(NodeId peer, OverlayStep step)
    {
        if (Active.Contains(peer)) return;

        if (Active.IsFull) Drop(Active.Pick(_ => true)!, step);

        Passive.Remove(peer);
        Active.Add(peer);
        step.Emit(new OverlayEffect.NeighborUp(peer));
    }

    private void Drop(NodeId peer, OverlayStep step)
    {
        Active.Remove(peer);
        step.Send(peer, Disconnect);
        step.Emit(new OverlayEffect.NeighborDown(peer));
        Passive.Learn(peer, []);
    }
}
