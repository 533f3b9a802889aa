namespace PresenceTracker.Simulator.Faults;

/// <summary>What can go wrong in a run. Each seed draws which of them do.</summary>
public enum FaultKind
{
    /// <summary>Messages get lost, up to 30 of 100.</summary>
    Loss,

    /// <summary>Messages come twice, up to 50 of 100.</summary>
    Duplication,

    /// <summary>Later messages overtake earlier ones of the same link.</summary>
    Reordering,

    /// <summary>Some links are many times slower than others.</summary>
    SkewedDelay,

    /// <summary>A link holds back everything for a while.</summary>
    Clog,

    /// <summary>The links of some nodes are clogged one after the other, and freed in another order.</summary>
    SwizzleClog,

    /// <summary>Two groups of nodes do not reach each other.</summary>
    Partition,

    /// <summary>One group does not reach the other, but hears it.</summary>
    AsymmetricPartition,

    /// <summary>A partition that lasts longer than down nodes are kept.</summary>
    LongPartition,

    /// <summary>A process is gone, and another one starts at its address at once.</summary>
    RestartAtOnce,

    /// <summary>A process is gone, and another one starts at its address later.</summary>
    RestartLate,

    /// <summary>A process is gone for good.</summary>
    CrashForGood,

    /// <summary>All processes are gone at the same moment.</summary>
    CrashOfAll,

    /// <summary>The next process at an address starts with its wall clock set back.</summary>
    ClockSetBack,

    /// <summary>The next process at an address starts with its wall clock set forward.</summary>
    ClockSetForward,

    /// <summary>The wall clock of a machine is set, and its process goes on.</summary>
    ClockStep,

    /// <summary>Monotonic clocks go at different speeds.</summary>
    ClockDrift,

    /// <summary>A shard fails at a message, and comes back in its next epoch.</summary>
    ShardCrash,

    /// <summary>A process stands still and goes on.</summary>
    Pause,

    /// <summary>A process takes long for everything.</summary>
    SlowNode,

    /// <summary>A process leaves gracefully; another one may follow at its address.</summary>
    GracefulLeave,

    /// <summary>A second process says that it is at the address of a running one.</summary>
    SharedAddress,

    /// <summary>Operation logs are so small that peers fall behind them.</summary>
    SmallLog,

    /// <summary>Messages are so small that deltas and catch-ups are cut.</summary>
    SmallMessages,
}
