namespace PresenceTracker.Configuration;

/// <summary>A setting of a user's own actor system that is not as presence needs it.</summary>
/// <param name="Key">The full key.</param>
/// <param name="Value">What it is.</param>
/// <param name="Recommended">What it is in systems that PresenceTracker creates.</param>
/// <param name="Consequence">What the difference means.</param>
public sealed record SettingDifference(string Key, string Value, string Recommended, string Consequence)
{
    public override string ToString() => $"{Key} is {Value} instead of {Recommended}: {Consequence}";
}
