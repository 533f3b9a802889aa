using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Time;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>
/// Nodes of a gossip core and its shards each, all of which hold each other as up, over a simple network: what is needed to measure how
/// changes spread, at sizes for which whole simulated nodes would be too slow.
/// </summary>
internal sealed class GossipMesh
{
    // Any moment of our days.
    private const ulong FirstCounter = 1_700_000_000;

    private readonly Prng _prng;
    private readonly TimeSpan _delay;
    private readonly MonotonicTime[,] _lastArrival;
    private readonly List<GossipMeshNode> _nodes = [];
    private ulong _lives;
    private bool _isMuted;

    /// <param name="delay">What each message takes on average.</param>
    public GossipMesh(ulong seed, int nodes, TimeSpan delay, GossipOptions gossip, ReplicationOptions replication)
    {
        _prng = new Prng(seed);
        _delay = delay;
        _lastArrival = new MonotonicTime[nodes, nodes];
        Gossip = gossip;
        Replication = replication;
        for (var slot = 0; slot < nodes; slot++)
        {
            _nodes.Add(CreateNode(slot));
        }
    }

    public GossipOptions Gossip { get; }

    public ReplicationOptions Replication { get; }

    public EventQueue Events { get; } = new();

    public IReadOnlyList<GossipMeshNode> Nodes => _nodes;

    public MessageTally Sent { get; } = new();

    /// <summary>By which part of itself a delay is longer or shorter at most. Each link keeps its order.</summary>
    public double Jitter { get; set; }

    /// <summary>The part of all messages that is lost.</summary>
    public double Loss { get; set; }

    /// <summary>The part of all digest exchanges of which nothing comes: the message that would open it is lost.</summary>
    public double ContactLoss { get; set; }

    /// <summary>Whether the nodes at these two slots gossip with each other; each knows of all, whether or not it does.</summary>
    public Func<int, int, bool> AreLinked { get; init; } = (_, _) => true;

    /// <summary>Whether changes are broadcast over these links, as in a large cluster; otherwise they are pushed.</summary>
    public bool Broadcasts { get; init; }

    /// <summary>What is broadcast, of which cores carry the number.</summary>
    public List<Dots> Published { get; } = [];

    /// <summary>Dots that came to a shard, new to it or not.</summary>
    public long DotsReceived { get; set; }

    /// <summary>A node shows a replica up to that context.</summary>
    public Action<GossipMeshNode, ReplicaId, ulong> ContextShown { get; set; } = (_, _, _) => { };

    /// <summary>
    /// All nodes start and meet. Those that write nothing are peers like the others; that the shards do not hold their empty replicas saves
    /// memory and changes no message, for a context of zero is in no digest.
    /// </summary>
    public void Start(int writers)
    {
        // Each says hello to each, which is over before anything is measured.
        _isMuted = true;
        foreach (var node in _nodes)
        {
            node.Start();
        }

        for (var slot = 0; slot < _nodes.Count; slot++)
        {
            for (var other = 0; other < _nodes.Count; other++)
            {
                if (other != slot)
                {
                    _nodes[slot].Meet(_nodes[other].Id, isPeer: AreLinked(slot, other), isWriter: other < writers);
                }
            }

            if (Broadcasts)
            {
                _nodes[slot].Link([.. Enumerable.Range(0, _nodes.Count).Where(other => other != slot && AreLinked(slot, other)).Select(other => _nodes[other].Id)]);
            }
        }

        _isMuted = false;
    }

    /// <summary>The process at that slot ends, and another begins there; the others learn it at once.</summary>
    public void Restart(int slot)
    {
        var old = _nodes[slot];
        old.End();
        var node = CreateNode(slot);
        _nodes[slot] = node;
        node.Start();
        foreach (var other in _nodes.Where(other => other != node))
        {
            other.Forget(old.Id);
            other.Meet(node.Id, isPeer: true, isWriter: true);
            node.Meet(other.Id, isPeer: true, isWriter: true);
        }
    }

    public void Send(GossipMeshNode from, NodeId to, GossipMessage message)
    {
        if (_isMuted)
        {
            return;
        }

        Sent.Add(from.Id, message);
        var loss = message is GossipMessage.DigestRoot ? Math.Max(Loss, ContactLoss) : Loss;
        if (loss > 0 && _prng.Chance(loss))
        {
            return;
        }

        At(from.Id, to, () => Arrive(from.Id, to, message));
    }

    public void Send(GossipMeshNode from, NodeId to, BroadcastMessage message)
    {
        if (Loss > 0 && _prng.Chance(Loss))
        {
            return;
        }

        At(from.Id, to, () => _nodes[SlotOf(to)].Receive(from.Id, message));
    }

    public void Pass(TimeSpan span) => Events.RunUntil(Events.Now + span);

    private void At(NodeId from, NodeId to, Action arrive)
    {
        ref var last = ref _lastArrival[SlotOf(from), SlotOf(to)];
        var arrival = Events.Now + (_delay * (1 + (Jitter * ((2 * _prng.NextDouble()) - 1))));
        last = arrival > last ? arrival : last;
        Events.At(last, arrive);
    }

    private void Arrive(NodeId from, NodeId to, GossipMessage message)
    {
        var receiver = _nodes[SlotOf(to)];
        if (receiver.Id == to)
        {
            receiver.Handle(new GossipInput.MessageReceived(from, message));
        }
    }

    private GossipMeshNode CreateNode(int slot) =>
        new(this, new NodeId($"node{slot}:4053", new Incarnation(FirstCounter + _lives++, _prng.NextUInt64())), _prng.Fork());

    private static int SlotOf(NodeId node) => int.Parse(node.Address.AsSpan(4, node.Address.IndexOf(':', StringComparison.Ordinal) - 4), provider: null);
}
