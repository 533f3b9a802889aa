namespace PresenceTracker.Simulator.Measurements;

/// <summary>One figure with what it is compared with.</summary>
/// <param name="What">What was measured, and in what setting.</param>
/// <param name="Measured">As measured, with its unit.</param>
/// <param name="Bar">What must hold.</param>
/// <param name="Anchor">The same figure of theory, a paper or another system.</param>
/// <param name="IsMet">Whether the bar holds.</param>
internal sealed record Figure(string What, string Measured, string Bar, string Anchor, bool IsMet)
{
    /// <summary>The sentence that explains a bar that is missed.</summary>
    public string? WhyMissed { get; init; }

    /// <summary>Whether the bar is met, and if not, why.</summary>
    public string Verdict => IsMet ? "met" : $"MISSED: {WhyMissed ?? "the reason is not known."}";
}
