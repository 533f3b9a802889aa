using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Checkers;
using PresenceTracker.Simulator.Faults;
using PresenceTracker.Simulator.Network;
using PresenceTracker.Simulator.Nodes;
using PresenceTracker.Simulator.Reports;
using PresenceTracker.Simulator.Time;
using PresenceTracker.Simulator.Workloads;

namespace PresenceTracker.Simulator;

/// <summary>All processes of a run, alive or not, and what they share: time, network, clients, and who looks on.</summary>
internal sealed class SimulatedCluster
{
    // Any moment of our days; a node knows it only as the number that its counter begins with.
    private static readonly TimeSpan WallClockStart = TimeSpan.FromSeconds(1_700_000_000);

    private static readonly TimeSpan LocalDelayMax = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan ClockBeginningMax = TimeSpan.FromDays(400);

    private readonly ImmutableArray<Checker> _checkers;
    private readonly List<SimulatedNode>[] _running;
    private readonly int[] _lives;
    private readonly TimeSpan[] _wallClockOffsets;
    private readonly Prng _processes;
    private readonly Prng _localDelays;
    private readonly double _driftMax;

    public SimulatedCluster(SwarmOptions options, ImmutableArray<Checker> checkers, bool isTraced = false, TextWriter? trace = null)
    {
        Options = options;
        _checkers = checkers;
        var prng = new Prng(options.Seed);
        _processes = prng.Fork();
        _localDelays = prng.Fork();
        _running = [.. Enumerable.Range(0, options.Nodes).Select(_ => new List<SimulatedNode>())];
        _lives = new int[options.Nodes];
        _wallClockOffsets = new TimeSpan[options.Nodes];
        _driftMax = options.Faults.Contains(FaultKind.ClockDrift) ? 0.02 : 0;
        Trace = new TraceWriter(Events, isTraced, trace);
        SeedAddresses = [.. Enumerable.Range(0, options.SeedNodes).Select(AddressOf)];
        Network = new SimulatedNetwork(this, prng.Fork());
        Workload = new Workload(this, prng.Fork());
        Faults = new FaultSchedule(this, prng.Fork());
    }

    public SwarmOptions Options { get; }

    public EventQueue Events { get; } = new();

    public SimulatedNetwork Network { get; }

    public SimulatedPayloads Payloads { get; } = new();

    public Workload Workload { get; }

    public FaultSchedule Faults { get; }

    public Truth Truth { get; } = new();

    public Marks Marks { get; } = new();

    public TraceWriter Trace { get; }

    public ImmutableArray<string> SeedAddresses { get; }

    /// <summary>Every process that lives, by slot and age.</summary>
    public IEnumerable<SimulatedNode> Running => _running.SelectMany(nodes => nodes);

    public static string AddressOf(int slot) => $"node{slot}:4053";

    /// <summary>The processes at an address; a copy, for what they are told may end one.</summary>
    public List<SimulatedNode> At(int slot) => [.. _running[slot]];

    public SimulatedNode StartNode(int slot)
    {
        var counter = (ulong)WallClockOf(slot).TotalSeconds;
        var self = new NodeId(AddressOf(slot), new Incarnation(counter, _processes.NextUInt64()));
        var drift = _driftMax == 0 ? 0 : _processes.Between(-_driftMax, _driftMax);
        if (drift != 0)
        {
            Marks.Add(FaultKind.ClockDrift);
        }

        var clock = new SimulatedClock(Events, ClockBeginningMax * _processes.NextDouble(), drift);
        var node = new SimulatedNode(this, slot, _lives[slot]++, self, clock, _processes.Fork());
        _running[slot].Add(node);
        Trace.Write(node, $"starts as {self}");
        node.Start();
        return node;
    }

    /// <summary>To be told by the process itself.</summary>
    public void Ended(SimulatedNode node, string reason)
    {
        Trace.Write(node, $"ends: {reason}");
        _running[node.Slot].Remove(node);
        Check(checker => checker.Ended(node));
    }

    /// <summary>The wall clock of a machine is set; only processes that start later take notice.</summary>
    public void SetWallClock(int slot, TimeSpan by) => _wallClockOffsets[slot] += by;

    /// <summary>What the wall clock of a machine shows, as the time since 1970.</summary>
    public TimeSpan WallClockOf(int slot) => WallClockStart + (Events.Now - default(MonotonicTime)) + _wallClockOffsets[slot];

    /// <summary>How long a message takes from one mailbox of a node to another.</summary>
    public TimeSpan LocalDelay(SimulatedNode node) => (LocalDelayMax + node.Slowness) * _localDelays.NextDouble();

    public void Check(Action<Checker> check)
    {
        foreach (var checker in _checkers)
        {
            check(checker);
        }
    }
}
