using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Simulator.Time;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>
/// Overlay cores, with or without broadcast cores on them, over a simple network that keeps the order of each link: what is needed to measure
/// them at sizes for which whole nodes would be too slow. A message to a dead node comes back as a connection that was refused.
/// </summary>
internal sealed class OverlayMesh(ulong seed, OverlayOptions overlay, BroadcastOptions? broadcast)
{
    // Any moment of our days.
    private const ulong FirstCounter = 1_700_000_000;

    private const int ContactDraws = 100;

    // A join, its walks, and what those that made room do about it.
    private const int JoinDelays = 20;

    private readonly LookupTable<(int From, int To), long> _lastArrival = new();
    private readonly List<OverlayMeshNode> _nodes = [];
    private List<Action> _arrivals = [];
    private long _arrivalsAt = -1;
    private ulong _lives;

    public EventQueue Events { get; } = new();

    public Prng Prng { get; } = new(seed);

    /// <summary>The last life at each slot.</summary>
    public IReadOnlyList<OverlayMeshNode> Nodes => _nodes;

    public IEnumerable<OverlayMeshNode> Living => _nodes.Where(node => node.IsAlive);

    /// <summary>What each message takes on its way.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>By which part of itself a delay is longer or shorter at most.</summary>
    public double Jitter { get; init; }

    /// <summary>The part of all messages that is lost.</summary>
    public double Loss { get; set; }

    /// <summary>Whether the connection to a dead node is refused; otherwise nothing at all is heard of it.</summary>
    public bool AreDeadRefusing { get; set; } = true;

    /// <summary>Whether a node that wants a contact is given one; otherwise it depends on those who remember it.</summary>
    public bool GivesContacts { get; set; } = true;

    /// <summary>Whether timers that begin a cycle are held back.</summary>
    public bool HoldsCycles { get; set; }

    public OverlayTally Sent { get; } = new();

    /// <summary>A node's core asks for that.</summary>
    public Action<OverlayMeshNode, OverlayEffect> Asked { get; set; } = (_, _) => { };

    /// <summary>How often a link was made or ended.</summary>
    public long LinkChanges { get; set; }

    /// <summary>A broadcast has come to a node.</summary>
    public Action<OverlayMeshNode, BroadcastEffect.Deliver> Delivered { get; set; } = (_, _) => { };

    /// <summary>
    /// That many nodes join one after the other, without cycles, and then there are that many cycles, as in the experiments of the papers.
    /// </summary>
    public void Grow(int nodes, int cycles)
    {
        HoldsCycles = true;
        for (var slot = 0; slot < nodes; slot++)
        {
            Start();
            Pass(Delay * JoinDelays);
        }

        HoldsCycles = false;
        _nodes.ForEach(node => node.Release(overlay.ShufflePeriod));
        PassCycles(cycles);
    }

    public void PassCycles(int cycles) => Pass(overlay.ShufflePeriod * cycles);

    /// <summary>A node starts at a new slot.</summary>
    public OverlayMeshNode Start()
    {
        var node = Create(_nodes.Count);
        _nodes.Add(node);
        node.Give(new OverlayInput.Started());
        return node;
    }

    /// <summary>The process at that slot is killed, if it lives, and another begins.</summary>
    public OverlayMeshNode Restart(int slot)
    {
        _nodes[slot].IsAlive = false;
        _nodes[slot] = Create(slot);
        _nodes[slot].Give(new OverlayInput.Started());
        return _nodes[slot];
    }

    /// <summary>Without jitter everything happens at a multiple of the delay, so that what arrives at one moment is one event.</summary>
    public void After(TimeSpan span, Action action)
    {
        var ticks = Jitter > 0 ? span.Ticks : (span.Ticks + Delay.Ticks - 1) / Delay.Ticks * Delay.Ticks;
        Events.After(new TimeSpan(ticks), action);
    }

    public void Pass(TimeSpan span) => Events.RunUntil(Events.Now + span);

    public OverlayMeshNode? Find(NodeId id)
    {
        var node = _nodes[SlotOf(id)];
        return node.Id == id ? node : null;
    }

    public void Send(OverlayMeshNode from, NodeId to, OverlayMessage message)
    {
        Sent.AddOverlayMessage();
        Carry(from, to, () => Find(to)?.Receive(from.Id, message));
    }

    public void Send(OverlayMeshNode from, NodeId to, BroadcastMessage message)
    {
        Sent.Add(from.Id, message);
        Carry(from, to, () => Find(to)?.Receive(from.Id, message));
    }

    /// <summary>The node knows too few: it is told of a random other one, as the membership would.</summary>
    public void GiveContact(OverlayMeshNode node)
    {
        if (!GivesContacts) return;

        // A few draws are quicker than a list of all, and find nobody only where next to nobody is left.
        for (var draw = 0; draw < ContactDraws; draw++)
        {
            var contact = Prng.Pick(_nodes);
            if (contact.IsAlive && contact.Slot != node.Slot && !node.Overlay.ActiveView.Contains(contact.Id))
            {
                node.Give(new OverlayInput.JoinVia(contact.Id));
                return;
            }
        }
    }

    public static int SlotOf(NodeId id) => int.Parse(id.Address.AsSpan(4, id.Address.IndexOf(':', StringComparison.Ordinal) - 4), provider: null);

    private void Carry(OverlayMeshNode from, NodeId to, Action arrive)
    {
        if (Loss > 0 && Prng.Chance(Loss)) return;

        if (Jitter > 0)
        {
            // Otherwise each link keeps its order by itself.
            var link = (from.Slot, SlotOf(to));
            var last = _lastArrival.TryGet(link, out var known) ? known : 0;
            var ticks = Math.Max(last, (Events.Now + (Delay * Prng.Between(1 - Jitter, 1 + Jitter))).Ticks);
            _lastArrival[link] = ticks;
            Events.At(new(ticks), () => Arrive(from, to, arrive));
            return;
        }

        var arrival = Events.Now + Delay;
        if (arrival.Ticks != _arrivalsAt)
        {
            List<Action> arrivals = [];
            (_arrivals, _arrivalsAt) = (arrivals, arrival.Ticks);
            Events.At(arrival, () => arrivals.ForEach(each => each()));
        }

        _arrivals.Add(() => Arrive(from, to, arrive));
    }

    private void Arrive(OverlayMeshNode from, NodeId to, Action arrive)
    {
        if (Find(to) is { IsAlive: true })
        {
            arrive();
        }
        else if (AreDeadRefusing)
        {
            After(Delay, () => from.Give(new OverlayInput.PeerLost(to)));
        }
    }

    private OverlayMeshNode Create(int slot)
    {
        var id = new NodeId($"node{slot}:4053", new Incarnation(FirstCounter + ++_lives, Prng.NextUInt64()));
        return new OverlayMeshNode(this, slot, id, new OverlayCore(overlay, id, Prng.Fork()), broadcast is null ? null : new BroadcastCore(broadcast, id));
    }
}
