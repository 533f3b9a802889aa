namespace PresenceTracker.Tests.Host.Faults;

/// <summary>What was done to a Host, or to the link between two.</summary>
/// <param name="Kind">Of the fault.</param>
/// <param name="Other">Of a link, its other end.</param>
/// <param name="Span">Until the Host ran and was ready, or the link was whole, again.</param>
internal sealed record Disturbance(HostFaultKind Kind, int Host, int? Other, Span Span)
{
    /// <summary>What was disturbed is whole in the eyes of all so long after it is.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    // A killed Host is down for all others in this time; one that was asked to end says so itself.
    private static readonly TimeSpan DeathNoticed = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LeaveNoticed = TimeSpan.FromSeconds(3);

    /// <summary>For how long others may still list what the Host held, because they cannot know; null if it lives on.</summary>
    public TimeSpan? GoneBy => Kind switch
    {
        HostFaultKind.KillAndRestart or HostFaultKind.KillAndRestartLate => Span.From + DeathNoticed,
        HostFaultKind.TerminateAndRestart => Span.From + LeaveNoticed,
        _ => null,
    };

    /// <summary>When it may show.</summary>
    public Span Shows => Span with { To = Span.To + Settling };

    /// <summary>When what the Host held may still be listed, or be listed again, though it was ended elsewhere.</summary>
    public Span Lingers => GoneBy is { } gone && gone > Shows.To ? Span with { To = gone } : Shows;

    /// <summary>Whether it lies between these Hosts, or on one of them.</summary>
    public bool IsAmong(IReadOnlySet<int> hosts) => hosts.Contains(Host) && (Other is null || hosts.Contains(Other.Value));

    public override string ToString() => $"{Kind} {Host}{(Other is null ? "" : $"-{Other}")} {Span}";
}
