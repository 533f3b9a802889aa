using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Gossip;

/// <summary>
/// Several nodes' gossip cores and presence sets in one thread on virtual time, over a network that keeps the order of each link.
/// Everything follows from the seed.
/// </summary>
internal sealed class GossipCluster
{
    private readonly PriorityQueue<Action, (long Due, int Order)> _events = new();
    private readonly SortedDictionary<(NodeId From, NodeId To), MonotonicTime> _lastArrival = [];
    private readonly Prng _prng;
    private int _order;

    public GossipCluster(ulong seed, int nodes, GossipOptions? options = null, PresenceSetOptions? setOptions = null)
    {
        _prng = new Prng(seed);
        Options = options ?? new GossipOptions();
        SetOptions = setOptions ?? new PresenceSetOptions();
        for (var i = 0; i < nodes; i++)
        {
            AddNode();
        }
    }

    public GossipOptions Options { get; }

    public PresenceSetOptions SetOptions { get; }

    public List<ClusterNode> Nodes { get; } = [];

    public MonotonicTime Now { get; private set; }

    /// <summary>Which messages are lost.</summary>
    public Func<NodeId, NodeId, GossipMessage, bool> IsLost { get; set; } = (_, _, _) => false;

    /// <summary>What a message takes longer than on a local network.</summary>
    public Func<NodeId, NodeId, GossipMessage, TimeSpan> Delay { get; set; } = (_, _, _) => TimeSpan.Zero;

    /// <summary>Every message that was sent, with its time.</summary>
    public List<(MonotonicTime At, NodeId From, NodeId To, GossipMessage Message)> Log { get; } = [];

    public bool IsConverged =>
        Nodes.All(node => Nodes.All(other => node.ContextsOf(other.Id).SequenceEqual(other.ContextsOf(other.Id))));

    public ClusterNode AddNode()
    {
        var id = CoreDriver.Node($"node{Nodes.Count}", counter: 1_000 + (ulong)Nodes.Count);
        var node = new ClusterNode(this, id, new Prng(_prng.NextUInt64()));
        Nodes.Add(node);
        return node;
    }

    /// <summary>All nodes know each other and start together.</summary>
    public void Start()
    {
        foreach (var node in Nodes)
        {
            node.Start(unansweredSeeds: 0);
        }

        foreach (var node in Nodes)
        {
            foreach (var other in Nodes.Where(other => other != node))
            {
                node.Meet(other.Id);
            }
        }
    }

    public int Random(int exclusiveMax) => _prng.Next(exclusiveMax);

    public void At(TimeSpan after, Action action) => _events.Enqueue(action, ((Now + after).Ticks, _order++));

    public void Send(ClusterNode from, NodeId to, GossipMessage message)
    {
        Log.Add((Now, from.Id, to, message));
        if (IsLost(from.Id, to, message) || Nodes.Find(node => node.Id == to) is not { } receiver)
        {
            return;
        }

        var link = (from.Id, to);
        var arrival = Now + TimeSpan.FromMicroseconds(200 + Random(1_800)) + Delay(from.Id, to, message);
        if (_lastArrival.TryGetValue(link, out var previous) && previous > arrival)
        {
            arrival = previous;
        }

        _lastArrival[link] = arrival;
        At(arrival - Now, () => receiver.Give(new GossipInput.MessageReceived(from.Id, message)));
    }

    public void Run(TimeSpan span)
    {
        var end = Now + span;
        while (RunNext(end))
        {
        }

        Now = end;
    }

    /// <returns>How long it took.</returns>
    public TimeSpan RunUntil(Func<bool> condition, TimeSpan atMost)
    {
        var start = Now;
        while (!condition())
        {
            if (!RunNext(start + atMost))
            {
                Assert.Fail($"not within {atMost}: {string.Join("; ", Nodes)}");
            }
        }

        return Now - start;
    }

    private bool RunNext(MonotonicTime end)
    {
        if (!_events.TryPeek(out var next, out var due) || due.Due > end.Ticks)
        {
            return false;
        }

        _events.Dequeue();
        Now = new MonotonicTime(due.Due);
        next();
        return true;
    }
}
