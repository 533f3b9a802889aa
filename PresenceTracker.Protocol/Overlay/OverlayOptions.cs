namespace PresenceTracker.Protocol.Overlay;

/// <summary>The figures of the overlay, HyParView (Leitão, Pereira, Rodrigues, DSN 2007). Each default names its source.</summary>
public sealed record OverlayOptions
{
    // Far beyond any wish; it keeps every message small, whatever the options.
    private const int ViewLimit = 100;

    /// <summary>Neighbours of a node, at least 2. Default 5: the paper, for 10,000 nodes; with fewer a mass failure cuts the overlay.</summary>
    public int ActiveMax { get; init; } = 5;

    /// <summary>Nodes remembered to replace neighbours with. Default 30: the paper; more survive the failure of more.</summary>
    public int PassiveMax { get; init; } = 30;

    /// <summary>Hops of a newcomer's walk to a further neighbour, and of a shuffle. Default 6: the paper's ARWL.</summary>
    public int WalkLength { get; init; } = 6;

    /// <summary>With that many hops to go a walk leaves the newcomer in a passive view. Default 3: the paper's PRWL.</summary>
    public int PassiveWalkLength { get; init; } = 3;

    /// <summary>Neighbours named in a shuffle. Default 3: the paper's k_a.</summary>
    public int ShuffleActive { get; init; } = 3;

    /// <summary>Nodes of the passive view named in a shuffle. Default 4: the paper's k_p.</summary>
    public int ShufflePassive { get; init; } = 4;

    /// <summary>
    /// Time between shuffles, before a jitter of a fifth; neighbours are told as often that they are such. Default 10 s: partisan. It is the
    /// paper's cycle, so what mends itself within a cycle takes that long.
    /// </summary>
    public TimeSpan ShufflePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer to a request is waited for. Default 1 s: one protocol period of SWIM.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most nodes in one message: a shuffle names its origin apart.</summary>
    internal int ShuffleMax => ShuffleActive + ShufflePassive + 1;

    /// <summary>Requests that may be outstanding before newcomers whose walk ends here are only remembered.</summary>
    internal int RequestsMax => 2 * ActiveMax;

    /// <exception cref="ArgumentOutOfRangeException">Names the first option that is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ActiveMax, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ActiveMax, ViewLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(PassiveMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PassiveMax, ViewLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(WalkLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(WalkLength, ViewLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(PassiveWalkLength, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PassiveWalkLength, WalkLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(ShuffleActive, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ShuffleActive, ActiveMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(ShufflePassive, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ShufflePassive, PassiveMax);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ShufflePeriod, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
    }
}
