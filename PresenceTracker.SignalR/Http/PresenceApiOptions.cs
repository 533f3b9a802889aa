namespace PresenceTracker.SignalR.Http;

/// <summary>How the HTTP endpoints behave.</summary>
public sealed class PresenceApiOptions
{
    /// <summary>
    /// What writes must carry as <c>Authorization: Bearer KEY</c>; null lets everybody write who can reach the endpoints. Reads need no key.
    /// A hub asks for it only if it is told to, by <c>RequirePresenceApiKey</c>.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// How many event streams can be open at a time; more are refused with 503. At least 1. Default 16,384, as many connections as Phoenix's
    /// server takes (<c>max_connections</c> of Plug.Cowboy).
    /// </summary>
    public int EventStreamsMax { get; set; } = 16_384;
}
