namespace PresenceTracker.Errors;

/// <summary>The node cannot listen where it is to, for example because its port is taken. Nothing was started.</summary>
public sealed class NodeStartException(string value, string option, string fault, Exception inner)
    : PresenceException($"cannot listen on {value} (options: {option}): {fault}", inner)
{
    /// <summary>Where the node was to listen, as <c>host:port</c>.</summary>
    public string Value { get; } = value;

    /// <summary>What sets it: properties of <see cref="PresenceTrackerOptions"/>, or keys of the HOCON that rules over them.</summary>
    public string Option { get; } = option;

    /// <summary>Why it cannot.</summary>
    public string Fault { get; } = fault;
}
