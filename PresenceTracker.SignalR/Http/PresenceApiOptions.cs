namespace PresenceTracker.SignalR.Http;

/// <summary>How the HTTP endpoints behave.</summary>
public sealed class PresenceApiOptions
{
    /// <summary>
    /// What writes must carry as <c>Authorization: Bearer KEY</c>; null lets everybody write who can reach the endpoints. Reads need no key.
    /// A hub asks for it only if it is told to, by <c>RequirePresenceApiKey</c>.
    /// </summary>
    public string? ApiKey { get; set; }
}
