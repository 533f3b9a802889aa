namespace PresenceTracker.Errors;

/// <summary>
/// A value is beyond its limit, or more calls would wait than may at one time. Nothing was changed, unless it is said of the call: what a call about
/// many presences asked of other nodes or shards may have been done.
/// </summary>
public sealed class LimitExceededException(string limit, string value, string allowed, string option)
    : PresenceException($"{limit}: {value} is not allowed, {allowed} is (option: {option})")
{
    /// <summary>The option of a limit that neither a setting nor a parameter changes.</summary>
    internal const string CallLater = "none, call again later";

    /// <summary>What is limited, for example <c>topic</c>.</summary>
    public string Limit { get; } = limit;

    /// <summary>The value that was refused, or its size; of calls that would wait, how many that would be.</summary>
    public string Value { get; } = value;

    public string Allowed { get; } = allowed;

    /// <summary>
    /// The setting that holds the limit, or the parameter that took the value if the limit cannot be set; that there is none, if it can only be
    /// called again later.
    /// </summary>
    public string Option { get; } = option;

    /// <summary>Whether the same call may be taken a moment later: what is limited is how much waits, or is open, at one time, or how often it comes.</summary>
    public bool IsTemporary { get; init; }
}
