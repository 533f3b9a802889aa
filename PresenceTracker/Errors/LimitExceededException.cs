namespace PresenceTracker.Errors;

/// <summary>A value is beyond its limit. Nothing was changed.</summary>
public sealed class LimitExceededException(string limit, string value, string allowed, string option)
    : PresenceException($"{limit}: {value} is not allowed, {allowed} is (option: {option})")
{
    /// <summary>What is limited, for example <c>topic</c>.</summary>
    public string Limit { get; } = limit;

    /// <summary>The value that was refused, or its size.</summary>
    public string Value { get; } = value;

    public string Allowed { get; } = allowed;

    /// <summary>The setting that holds the limit, or the parameter that took the value if the limit cannot be set.</summary>
    public string Option { get; } = option;
}
