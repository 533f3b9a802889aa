namespace PresenceTracker.SignalR.Hubs;

/// <summary>What one hub connection may do, and how soon it is told.</summary>
public sealed class PresenceHubOptions
{
    /// <summary>
    /// How many topics a connection can have joined at once. At least 1. Default 100, as many as channels on one socket of Phoenix.
    /// </summary>
    public int TopicsMax { get; set; } = 100;

    /// <summary>
    /// How many keys a connection can watch at once, and ask for at once. At least 1. Default 1,000: about as many as fit into the 32 KiB that
    /// SignalR takes of one message.
    /// </summary>
    public int KeysMax { get; set; } = 1_000;

    /// <summary>
    /// For how long the changes of a topic are collected, for each connection of this node that is in it, before they are sent in one diff. The
    /// first change after a quiet time is sent at once. Zero sends each alone. Default 250 µs: a room of 200 is told every 50 ms, the shortest
    /// window that services for large rooms offer, and writing to one connection takes a small part of that.
    /// </summary>
    public TimeSpan DiffWindowPerConnection { get; set; } = TimeSpan.FromMicroseconds(250);

    /// <summary>
    /// The longest time for which changes are collected, however large the room. Default 500 ms: what people still take for at once when they
    /// look at a room of thousands.
    /// </summary>
    public TimeSpan DiffWindowMax { get; set; } = TimeSpan.FromMilliseconds(500);
}
