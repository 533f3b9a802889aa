using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Tests.Leases;

/// <summary>A few nodes and one lease, in one thread on virtual time. Everything follows from the seed.</summary>
internal sealed class LeaseWorld
{
    public static readonly PresenceId Lease = new("room:1", "alice", "lease:http");
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PullEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(8);

    private readonly PriorityQueue<Action, (long Due, int Order)> _events = new();
    private readonly HashSet<(LeaseNode, LeaseNode)> _cut = [];
    private readonly Prng _prng;
    private int _order;
    private int _refs;

    public LeaseWorld(ulong seed, int nodes)
    {
        _prng = new Prng(seed);
        Nodes = [.. Enumerable.Range(0, nodes).Select(i => new LeaseNode(this, $"n{i}", 1_000 + (ulong)i))];
        foreach (var (node, other) in Pairs())
        {
            node.Meet(other);
        }

        Nodes.ForEach(PullForEver);
    }

    public List<LeaseNode> Nodes { get; }

    public MonotonicTime Now { get; private set; }

    public LeaseNode NodeAt(NodeId id) => Nodes.Single(node => node.Id.Address == id.Address);

    public string NextRef() => $"r{_refs++}";

    public int Random(int exclusiveMax) => _prng.Next(exclusiveMax);

    public void At(TimeSpan after, Action action) => _events.Enqueue(action, ((Now + after).Ticks, _order++));

    /// <summary>What is under way when a cut begins still arrives.</summary>
    public void To(LeaseNode from, LeaseNode to, Action action)
    {
        if (!_cut.Contains((from, to)))
        {
            At(TimeSpan.FromMicroseconds(200 + Random(20_000)), action);
        }
    }

    public void ToAll(LeaseNode from, Action<LeaseNode> action)
    {
        foreach (var other in Nodes.Where(other => other != from))
        {
            To(from, other, () => action(other));
        }
    }

    /// <summary>Cuts a node off; it and the others give each other up after 8 s.</summary>
    public void CutOff(LeaseNode node)
    {
        foreach (var other in Nodes.Where(other => other != node))
        {
            _cut.Add((node, other));
            _cut.Add((other, node));
            At(DownAfter, () =>
            {
                if (_cut.Contains((node, other)))
                {
                    node.GiveUp(other);
                    other.GiveUp(node);
                }
            });
        }
    }

    public void Heal()
    {
        _cut.Clear();
        foreach (var (node, other) in Pairs())
        {
            To(other, node, () => node.Hear(other.Record));
        }
    }

    public void Run(TimeSpan span)
    {
        var end = Now + span;
        while (_events.TryPeek(out _, out var due) && due.Due <= end.Ticks)
        {
            var next = _events.Dequeue();
            Now = new MonotonicTime(due.Due);
            next();
        }

        Now = end;
    }

    public override string ToString() => string.Join("; ", Nodes);

    private void PullForEver(LeaseNode node)
    {
        var others = Nodes.Where(other => other != node).ToList();
        node.PullFrom(others[Random(others.Count)]);
        At(PullEvery, () => PullForEver(node));
    }

    private IEnumerable<(LeaseNode Node, LeaseNode Other)> Pairs() =>
        from node in Nodes from other in Nodes where node != other select (node, other);
}
