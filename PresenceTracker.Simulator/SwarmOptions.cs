using System.Collections.Immutable;
using System.Globalization;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Topology;
using PresenceTracker.Simulator.Faults;

namespace PresenceTracker.Simulator;

/// <summary>Everything that a run is set to, drawn from its seed.</summary>
internal sealed record SwarmOptions
{
    // Below this an entry of the workload does not fit into a message.
    private const int MessageBytesMin = 700;

    private const double OverlayShare = 0.25;

    // Any number.
    private const ulong OverlaySalt = 0x6f7665726c6179;

    public required ulong Seed { get; init; }

    public required int Nodes { get; init; }

    /// <summary>How many of the nodes are everybody's seeds.</summary>
    public required int SeedNodes { get; init; }

    public required ImmutableArray<FaultKind> Faults { get; init; }

    /// <summary>How long faults come, before the run must converge.</summary>
    public required TimeSpan FaultyTime { get; init; }

    /// <summary>How long it takes on average from one fault of a kind to the next.</summary>
    public required TimeSpan FaultGap { get; init; }

    public required double Loss { get; init; }

    public required double Duplication { get; init; }

    public required TimeSpan DelayMin { get; init; }

    /// <summary>Of the exponential part, beside the least delay.</summary>
    public required TimeSpan DelayMean { get; init; }

    /// <summary>Whether who sends to an address without a process is told so, as by a refused connection.</summary>
    public required bool RefusesConnections { get; init; }

    /// <summary>How often each node's clients do something in a second.</summary>
    public required double OperationsPerSecond { get; init; }

    public required int Topics { get; init; }

    public required int Keys { get; init; }

    public required MembershipOptions Membership { get; init; }

    public required GossipOptions Gossip { get; init; }

    public required ReplicationOptions Replication { get; init; }

    public required TopologyOptions Topology { get; init; }

    /// <summary>Whether the nodes are more than speak to all.</summary>
    public bool IsOverlay => Nodes > Topology.FullMeshLimit;

    public int Shards => Gossip.ShardCount;

    public static SwarmOptions Draw(ulong seed)
    {
        var prng = new Prng(seed).Fork();
        var faults = DrawFaults(prng);
        var shards = prng.Between(1, 2);
        var nodes = prng.Between(2, 7);

        // From a generator of their own, so that what is drawn for the others stays as it was.
        var overlay = new Prng(seed ^ OverlaySalt);
        var topology = new TopologyOptions();
        var isOverlay = overlay.Chance(OverlayShare);
        if (isOverlay)
        {
            nodes = overlay.Between(6, 12);
            topology = DrawTopology(overlay);
        }

        return new SwarmOptions
        {
            Seed = seed,
            Nodes = nodes,
            Topology = topology,
            SeedNodes = prng.Between(1, nodes),
            Faults = faults,
            FaultyTime = prng.Between(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(45)),
            FaultGap = prng.Between(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(12)),
            Loss = faults.Contains(FaultKind.Loss) ? prng.Between(0, 0.3) : 0,
            Duplication = faults.Contains(FaultKind.Duplication) ? prng.Between(0, 0.5) : 0,
            DelayMin = TimeSpan.FromMicroseconds(prng.Between(50, 5_000)),
            DelayMean = TimeSpan.FromMicroseconds(prng.Between(50, 20_000)),
            OperationsPerSecond = prng.Between(0.2, 6),
            Topics = prng.Between(1, 4),
            Keys = prng.Between(2, 30),
            Membership = new MembershipOptions
            {
                ClusterName = "simulated",
                ShardCount = shards,
                RemovedAfter = prng.Between(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(15)),
                Swim = DrawSwim(prng),
            },
            RefusesConnections = prng.Chance(0.5),
            Gossip = new GossipOptions
            {
                ShardCount = shards,
                PushEnabled = prng.Chance(0.75),
                FanOut = prng.Between(1, 3),
                PushBytesMax = prng.Chance(0.3) ? prng.Between(500, 8_000) : 256 * 1024,
                PullsMax = prng.Chance(0.3) ? prng.Between(1, 3) : 16,
            },
            Replication = new ReplicationOptions
            {
                PullPartsMax = prng.Between(2, 4),
                Set = new PresenceSetOptions
                {
                    ShardCount = shards,
                    OperationLogBytesMax = faults.Contains(FaultKind.SmallLog) ? prng.Between(0, 1_500) : 1024 * 1024,
                    MessageBytesMax = faults.Contains(FaultKind.SmallMessages) ? prng.Between(MessageBytesMin, 4_000) : 60_000,
                    WalkEntriesMax = prng.Chance(0.5) ? prng.Between(1, 20) : 1_000,
                },
            },
        };
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"seed {Seed}: {Nodes} nodes ({SeedNodes} seeds), full mesh up to {Topology.FullMeshLimit}, {Topology.Overlay.ActiveMax} neighbours, {Shards} shards, {FaultyTime.TotalSeconds:f0} s of faults every {FaultGap.TotalSeconds:f0} s, "
        + $"loss {Loss:p0}, duplication {Duplication:p0}, delay {DelayMin.TotalMilliseconds:f1} + {DelayMean.TotalMilliseconds:f1} ms, "
        + $"{OperationsPerSecond:f1} operations/s, {Topics} topics, {Keys} keys, removed after {Membership.RemovedAfter.TotalSeconds:f1} s, "
        + $"{Membership.Swim}, connections {(RefusesConnections ? "refused" : "swallowed")}, "
        + $"push {(Gossip.PushEnabled ? "on" : "off")}, fan-out {Gossip.FanOut}, window {Gossip.PushBytesMax} B, {Gossip.PullsMax} pulls, "
        + $"log {Replication.Set.OperationLogBytesMax} B, message {Replication.Set.MessageBytesMax} B, slice {Replication.Set.WalkEntriesMax}, "
        + $"faults {(Faults.IsEmpty ? "none" : string.Join(", ", Faults))}");

    private static TopologyOptions DrawTopology(Prng prng) => new()
    {
        FullMeshLimit = prng.Between(2, 5),
        SettleTime = prng.Between(TimeSpan.Zero, TimeSpan.FromSeconds(4)),
        LeaveAfter = prng.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6)),
        Overlay = new OverlayOptions
        {
            ActiveMax = prng.Between(3, 5),
            PassiveMax = prng.Between(3, 30),
            WalkLength = prng.Between(3, 6),
            PassiveWalkLength = prng.Between(1, 3),
            ShuffleActive = prng.Between(1, 3),
            ShufflePassive = prng.Between(1, 3),
            ShufflePeriod = prng.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)),
        },
        Broadcast = new BroadcastOptions { OptimizationThreshold = prng.Between(1, 7), StoredMax = prng.Chance(0.3) ? prng.Between(1, 8) : 1_024 },
    };

    // Half as it is by default; the presets, what a preset may be changed to, and each of Lifeguard's rules off.
    private static SwimOptions DrawSwim(Prng prng)
    {
        if (prng.Chance(0.5))
        {
            return SwimOptions.Lan;
        }

        if (prng.Chance(0.3))
        {
            return SwimOptions.Local;
        }

        var period = prng.Between(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2));
        return new SwimOptions
        {
            ProtocolPeriod = period,
            ProbeTimeout = period * prng.Between(0.3, 0.6),
            IndirectProbes = prng.Between(0, 3),
            SuspicionAlpha = prng.Between(2, 5),
            SuspicionBeta = prng.Between(1, 6),
            TransmitMultiplier = prng.Between(2, 5),
            LocalHealthMax = prng.Chance(0.3) ? 1 : 8,
        };
    }

    // A swarm finds more than a run with everything at once: what is left out lets the rest reach further. A third has one kind only.
    private static ImmutableArray<FaultKind> DrawFaults(Prng prng)
    {
        var all = Enum.GetValues<FaultKind>();
        if (prng.Chance(1 / 3.0))
        {
            return [prng.Pick(all)];
        }

        var share = prng.Between(0.1, 0.6);
        return [.. all.Where(_ => prng.Chance(share))];
    }
}
