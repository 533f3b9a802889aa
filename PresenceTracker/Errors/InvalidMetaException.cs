using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Errors;

/// <summary>A meta is not what a meta must be: a JSON object without duplicate or reserved members. Nothing was changed.</summary>
public sealed class InvalidMetaException(string value, string fault, string option) : PresenceException(
    $"meta: {value} is not allowed, {Meta.Allowed} is: {fault} (option: {option})")
{
    /// <summary>
    /// The JSON that was refused, up to 100 characters of it; the name of the type if a value does not serialize at all.
    /// </summary>
    public string Value { get; } = value;

    /// <summary>What is wrong with it.</summary>
    public string Fault { get; } = fault;

    /// <summary>The parameter that took it; the rule itself cannot be set.</summary>
    public string Option { get; } = option;
}
