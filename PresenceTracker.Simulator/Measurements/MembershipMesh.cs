using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Time;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Membership cores alone, over a simple network that keeps the order of each link: what is needed to measure how failures are noticed, at sizes for which whole nodes would be too slow.</summary>
internal sealed class MembershipMesh
{
    private const int Seeds = 3;

    // Any moment of our days.
    private const long WallClockStart = 1_700_000_000;

    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(0.2);
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(1);

    private readonly MembershipOptions _options;
    private readonly MonotonicTime[,] _lastArrival;
    private readonly List<MembershipMeshNode> _nodes = [];
    private readonly SortedSet<int> _refusing = [];

    public MembershipMesh(ulong seed, int nodes, SwimOptions swim)
    {
        Prng = new Prng(seed);
        _lastArrival = new MonotonicTime[nodes, nodes];
        _options = new MembershipOptions
        {
            ClusterName = "measured",
            ShardCount = 8,
            Seeds = [.. Enumerable.Range(0, Math.Min(Seeds, nodes)).Select(AddressOf)],
            Swim = swim,
        };
        for (var slot = 0; slot < nodes; slot++)
        {
            var node = CreateNode(slot, TimeSpan.Zero);
            _nodes.Add(node);
            Events.After(StartsWithin * Prng.NextDouble(), node.Start);
        }
    }

    public EventQueue Events { get; } = new();

    public Prng Prng { get; }

    public IReadOnlyList<MembershipMeshNode> Nodes => _nodes;

    public long MessagesSent { get; private set; }

    private TimeSpan Delay => Prng.Between(DelayMin, DelayMax);

    /// <summary>Whether a message from the one slot to the other is lost.</summary>
    public Func<int, int, bool> IsLost { get; set; } = (_, _) => false;

    /// <summary>A node has sent that to the node at that slot.</summary>
    public Action<MembershipMeshNode, int, MembershipMessage> Sent { get; set; } = (_, _, _) => { };

    /// <summary>A node has decided that about another.</summary>
    public Action<MembershipMeshNode, MembershipEffect> Decided { get; set; } = (_, _) => { };

    /// <summary>Whether every node holds exactly the others as up.</summary>
    public bool IsComplete => _nodes.All(node => node.UpCount == _nodes.Count - 1);

    public void Pass(TimeSpan span) => Events.RunUntil(Events.Now + span);

    /// <summary>The machine at that slot is gone without a word: what is sent to it is never answered.</summary>
    public void Silence(int slot) => _nodes[slot].End();

    /// <summary>The process at that slot is killed, and its machine closes its connections and refuses others.</summary>
    public void Kill(int slot)
    {
        _nodes[slot].End();
        _refusing.Add(slot);
        foreach (var node in _nodes)
        {
            Events.After(Delay, () => node.LoseConnection(_nodes[slot].Address));
        }
    }

    /// <summary>Another process begins at that slot.</summary>
    /// <param name="wallClock">How far the wall clock of the machine was set meanwhile.</param>
    public void Restart(int slot, TimeSpan wallClock = default)
    {
        _nodes[slot].End();
        _refusing.Remove(slot);
        _nodes[slot] = CreateNode(slot, wallClock);
        _nodes[slot].Start();
    }

    public void Send(MembershipMeshNode from, string address, MembershipMessage message)
    {
        var to = SlotOf(address);
        MessagesSent++;
        Sent(from, to, message);
        if (!IsLost(from.Slot, to))
        {
            ref var last = ref _lastArrival[from.Slot, to];
            var arrival = Events.Now + Delay;
            last = arrival > last ? arrival : last;
            Events.At(last, () => Arrive(from, to, message));
        }
    }

    /// <returns>How long it took until the condition held.</returns>
    public TimeSpan PassUntil(Func<bool> condition, TimeSpan atMost, string what)
    {
        var start = Events.Now;
        while (!condition())
        {
            if (!Events.RunNext() || Events.Now - start > atMost)
            {
                throw new InvalidOperationException($"within {atMost} it did not come to pass that {what}");
            }
        }

        return Events.Now - start;
    }

    public static int SlotOf(string address) => int.Parse(address.AsSpan(4, address.IndexOf(':', StringComparison.Ordinal) - 4), provider: null);

    private static string AddressOf(int slot) => $"node{slot}:4053";

    private void Arrive(MembershipMeshNode from, int to, MembershipMessage message)
    {
        if (_refusing.Contains(to))
        {
            Events.After(Delay, () => from.LoseConnection(_nodes[to].Address));
        }
        else
        {
            _nodes[to].Receive(from.Address, message);
        }
    }

    private MembershipMeshNode CreateNode(int slot, TimeSpan wallClock)
    {
        var counter = WallClockStart + ((Events.Now.Ticks + wallClock.Ticks) / TimeSpan.TicksPerSecond);
        var id = new NodeId(AddressOf(slot), new Incarnation((ulong)counter, Prng.NextUInt64()));
        return new MembershipMeshNode(this, slot, new MembershipCore(_options, id, Prng.Fork()));
    }
}
