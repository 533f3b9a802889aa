namespace PresenceTracker.SignalR.Hubs;

/// <summary>What one connection of a <see cref="PresenceHub"/> may do.</summary>
public sealed class PresenceHubOptions
{
    /// <summary>
    /// How many topics a connection can have joined at once. Each costs the server a subscription. At least 1. Default 100, as many as
    /// channels on one socket of Phoenix.
    /// </summary>
    public int TopicsMax { get; set; } = 100;
}
