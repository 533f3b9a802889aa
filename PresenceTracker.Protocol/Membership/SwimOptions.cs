namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// The figures of the failure detector, SWIM (Das, Gupta, Motivala, 2002) with Lifeguard (Dadgar, Phillips, Currey, 2017). Every preset is
/// that of memberlist, the implementation that the Lifeguard paper measured.
/// </summary>
public sealed record SwimOptions
{
    // Far beyond any wish, and it keeps the products of the multipliers within what a time can hold.
    private const int MultiplierMax = 100;
    private const int HealthLimit = 16;
    private const int HelpersLimit = 16;

    /// <summary>For machines next to each other: the default.</summary>
    public static SwimOptions Lan { get; } = new();

    /// <summary>For machines on different continents: slower, and more patient.</summary>
    public static SwimOptions Wan { get; } = new()
    {
        ProtocolPeriod = TimeSpan.FromSeconds(5),
        ProbeTimeout = TimeSpan.FromSeconds(3),
        SuspicionAlpha = 6,
    };

    /// <summary>For several nodes on one machine: quicker, because next to nothing gets lost.</summary>
    public static SwimOptions Local { get; } = new()
    {
        ProbeTimeout = TimeSpan.FromMilliseconds(200),
        IndirectProbes = 1,
        SuspicionAlpha = 3,
        TransmitMultiplier = 2,
    };

    /// <summary>In each protocol period one member is probed. Default 1 s.</summary>
    public TimeSpan ProtocolPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a direct probe is waited for before others are asked to probe. Default 500 ms; less than the period.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many others are asked: k of the SWIM paper. Default 3.</summary>
    public int IndirectProbes { get; init; } = 3;

    /// <summary>The shortest suspicion, in periods for ten nodes or fewer: α of the Lifeguard paper. Default 4.</summary>
    public int SuspicionAlpha { get; init; } = 4;

    /// <summary>
    /// How many times the shortest suspicion the longest one is: β of the Lifeguard paper. Default 6; with 1 the time is fixed, as in SWIM
    /// without Lifeguard.
    /// </summary>
    public int SuspicionBeta { get; init; } = 6;

    /// <summary>How often an update is passed on, for nine nodes or fewer: λ of the SWIM paper. Default 4.</summary>
    public int TransmitMultiplier { get; init; } = 4;

    /// <summary>
    /// How many times slower a node becomes at most that has reason to distrust itself: one more than the highest score of the Lifeguard
    /// paper. Default 8; with 1 it never does, as in SWIM without Lifeguard.
    /// </summary>
    public int LocalHealthMax { get; init; } = 8;

    /// <summary>
    /// Lifeguard §IV-B: the shortest suspicion grows with the logarithm of the number of nodes, as the dissemination of a refutation does.
    /// </summary>
    /// <param name="nodes">This one, and those up or suspect.</param>
    public TimeSpan SuspicionMin(int nodes) => ProtocolPeriod * (SuspicionAlpha * Math.Max(1, Math.Log10(Math.Max(1, nodes))));

    public TimeSpan SuspicionMax(int nodes) => SuspicionMin(nodes) * SuspicionBeta;

    /// <summary>
    /// How many further accusers bring a suspicion down to its shortest time: K of the Lifeguard paper, which sets it to 3 with α = 5. As in
    /// memberlist it is α − 2, and 0 where there are not so many others who could confirm.
    /// </summary>
    public int ConfirmationsMax(int nodes) => SuspicionAlpha - 2 is var wanted and > 0 && nodes - 2 >= wanted ? wanted : 0;

    /// <summary>SWIM §4.1: after λ·log N transmissions by each node, all but a vanishing share of the nodes have an update.</summary>
    public int TransmissionsMax(int nodes) => TransmitMultiplier * (int)Math.Ceiling(Math.Log10(nodes + 1));

    /// <summary>Adds a line for each value that is outside its limits.</summary>
    internal void Validate(List<string> faults)
    {
        Check(ProtocolPeriod > TimeSpan.Zero, nameof(ProtocolPeriod), ProtocolPeriod, "must be positive");
        Check(
            ProbeTimeout > TimeSpan.Zero && ProbeTimeout < ProtocolPeriod,
            nameof(ProbeTimeout),
            ProbeTimeout,
            $"must be positive and below {nameof(ProtocolPeriod)}");
        Check(IndirectProbes is >= 0 and <= HelpersLimit, nameof(IndirectProbes), IndirectProbes, $"must be 0 to {HelpersLimit}");
        Check(SuspicionAlpha is >= 1 and <= MultiplierMax, nameof(SuspicionAlpha), SuspicionAlpha, $"must be 1 to {MultiplierMax}");
        Check(SuspicionBeta is >= 1 and <= MultiplierMax, nameof(SuspicionBeta), SuspicionBeta, $"must be 1 to {MultiplierMax}");
        Check(TransmitMultiplier is >= 1 and <= MultiplierMax, nameof(TransmitMultiplier), TransmitMultiplier, $"must be 1 to {MultiplierMax}");
        Check(LocalHealthMax is >= 1 and <= HealthLimit, nameof(LocalHealthMax), LocalHealthMax, $"must be 1 to {HealthLimit}");

        void Check(bool holds, string option, object value, string rule)
        {
            if (!holds) faults.Add($"{option} {rule}, but is {value}");
        }
    }
}
