namespace PresenceTracker.SignalR.Hubs;

/// <summary>What one connection may do, of a hub or of the socket for Phoenix clients, and how soon it is told.</summary>
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

    /// <summary>
    /// Who watches how many are in a topic, and not who, is told once in this time at most. More than zero. Default 1 s: a number that changes
    /// faster cannot be read.
    /// </summary>
    public TimeSpan CountInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The updates of a presence are published no faster than this: of those that a client makes meanwhile, only the last is. Zero publishes each.
    /// Default 100 ms, that of Liveblocks.
    /// </summary>
    public TimeSpan UpdateInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How many joins, lists and looks at keys a connection that was quiet can ask for at once; more are refused. At least 1. Default 200: a client
    /// that reconnects may join as many topics as there are by default, and list each. A leave of what was joined is never refused.
    /// </summary>
    public int CallsBurst { get; set; } = 200;

    /// <summary>
    /// How many of these a connection can ask for each second in the long run. More than 0. Default 20, what Supabase allows a whole project of
    /// its smallest kind.
    /// </summary>
    public double CallsPerSecond { get; set; } = 20;

    /// <summary>
    /// For how long clients of a topic wait for what an <see cref="Enrichment.IPresenceEnricher"/> knows before they get the metas alone. More than
    /// zero. Default 500 ms, as long as changes of the largest room are collected.
    /// </summary>
    public TimeSpan EnricherTimeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// For how long what an <see cref="Enrichment.IPresenceEnricher"/> knows of a key is kept: so late a change of it may be seen. Zero asks anew for
    /// each message. Default 30 s: with it a user who moves between rooms or reloads a page is looked up twice a minute in each at most.
    /// </summary>
    public TimeSpan EnricherCacheTime { get; set; } = TimeSpan.FromSeconds(30);
}
