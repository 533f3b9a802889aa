namespace PresenceTracker.Tests.Host.Faults;

/// <summary>What a rule has found.</summary>
/// <param name="Required">For how long, over all keys and Hosts, the rule had to hold.</param>
/// <param name="Judged">The part of it that no fault excuses.</param>
internal sealed record Verdict(IReadOnlyList<string> Breaches, TimeSpan Required, TimeSpan Judged)
{
    public double Share => Required > TimeSpan.Zero ? Judged / Required : 0;
}
