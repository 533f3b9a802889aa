namespace PresenceTracker.Configuration;

/// <summary>One setting that cannot be used.</summary>
/// <param name="Key">The full key, for example <c>presence.shards</c>.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Allowed">What may stand there.</param>
public sealed record ConfigurationFault(string Key, string Value, string Allowed)
{
    public override string ToString() => $"{Key} = {Value}: allowed is {Allowed}";
}
