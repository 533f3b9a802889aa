namespace PresenceTracker.Simulator.Checkers;

/// <summary>Something was not as it must be; ends the run.</summary>
/// <param name="by">What found it.</param>
/// <param name="rule">Which rule.</param>
/// <param name="what">What was found instead.</param>
internal sealed class CheckFailedException(string by, string rule, string what) : Exception($"{rule}: {what}")
{
    public string By { get; } = by;
}
