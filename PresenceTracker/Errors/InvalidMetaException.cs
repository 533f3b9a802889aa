namespace PresenceTracker.Errors;

/// <summary>A meta is not what a meta must be: a JSON object without duplicate or reserved members. Nothing was changed.</summary>
public sealed class InvalidMetaException(string fault) : PresenceException($"the meta cannot be used: {fault}")
{
    public string Fault { get; } = fault;
}
