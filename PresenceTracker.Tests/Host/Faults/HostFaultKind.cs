namespace PresenceTracker.Tests.Host.Faults;

/// <summary>What happens to Hosts.</summary>
public enum HostFaultKind
{
    /// <summary>As by <c>kill -9</c>, and another life at once.</summary>
    KillAndRestart,

    /// <summary>The same, with another life only later.</summary>
    KillAndRestartLate,

    /// <summary>As an orchestrator rolls out a new version.</summary>
    TerminateAndRestart,

    /// <summary>It does not run for a while.</summary>
    Pause,

    /// <summary>The connections between two are reset, and new ones refused.</summary>
    CutByReset,

    /// <summary>The bytes between two are swallowed.</summary>
    CutBySwallowing,

    /// <summary>The bytes between one and all others are swallowed.</summary>
    CutOff,
}
